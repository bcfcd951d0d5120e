"use strict";
// Hands in the token that stands behind the # of the address, and takes it out of the address again.
(async () => {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  const answer = await fetch("/login", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }),
  });
  const said = await answer.json();
  if (said.ok) location.replace("/");
  else document.querySelector("#said").textContent =
    "That address is of an earlier start. Open the one that runner ui printed last.";
})();
