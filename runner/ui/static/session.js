"use strict";
// Puts the parts of a session's status in the place of the earlier ones as they come, and asks twice before it stops anything.
(() => {
  const id = document.querySelector("#session").dataset.id;
  const alive = document.querySelector("#alive");
  const events = new EventSource(`/session-events?id=${encodeURIComponent(id)}`);
  events.onmessage = (event) => {
    for (const [name, [digest, html]] of Object.entries(JSON.parse(event.data))) {
      if (name === "over") {
        document.querySelector("#kill")?.toggleAttribute("hidden", html !== ""); // nothing is left to be stopped
        continue;
      }
      const place = name === "alive" ? alive : document.querySelector(`#part-${name}`);
      if (!place || place.dataset.digest === digest) continue;
      place.dataset.digest = digest;
      const scrolled = [...place.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
      const held = [...place.querySelectorAll("[tabindex]")].indexOf(document.activeElement);
      place.innerHTML = html; // escaped where it was written; the page's policy runs nothing of it
      place.querySelectorAll(".scroll").forEach((each, at) => { each.scrollLeft = scrolled[at] || 0; });
      if (held >= 0) place.querySelectorAll("[tabindex]")[held]?.focus({ preventScroll: true });
    }
  };
  events.onerror = () => { alive.textContent = "the page lost runner ui; what is shown is old"; };

  const dialog = document.querySelector("#kill-dialog");
  if (!dialog) return; // a session that is over has nothing to stop
  const confirm = document.querySelector("#kill-confirm");
  const now = document.querySelector("#kill-now");
  const said = document.querySelector("#kill-said");
  document.querySelector("#kill").addEventListener("click", () => {
    confirm.value = "";
    now.disabled = true;
    dialog.showModal();
    confirm.focus();
  });
  confirm.addEventListener("input", () => { now.disabled = confirm.value !== id; });
  confirm.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // the form's own button leaves the session running: Enter must not press it unseen
    if (!now.disabled) now.click();
  });
  now.addEventListener("click", async () => {
    now.disabled = true;
    said.textContent = "Asking…";
    try {
      const answer = await fetch("/kill", {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-Runner-Key": document.querySelector("meta[name=runner-key]").content,
        },
        body: JSON.stringify({ id, confirm: confirm.value }),
      });
      said.textContent = answer.ok
        ? "The kill file is left: the session cancels everything and halts."
        : `NOT STOPPED: ${await answer.text()}`;
    } catch {
      said.textContent = "NOT STOPPED: runner ui doesn't answer. Write runner panic in a terminal.";
    }
    dialog.close();
  });
})();
