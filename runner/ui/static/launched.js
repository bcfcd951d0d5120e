"use strict";
// Follows a run that was started here until it ends.
(() => {
  const number = document.querySelector("#launched").dataset.number;
  const state = document.querySelector("#state"), output = document.querySelector("#output");
  const result = document.querySelector("#result"), stop = document.querySelector("#stop");
  const events = new EventSource(`/launch-events?number=${encodeURIComponent(number)}`);
  events.onmessage = (event) => {
    const said = JSON.parse(event.data);
    const is_low = output.scrollTop + output.clientHeight >= output.scrollHeight - 8;
    state.textContent = said.state;
    output.textContent = said.output;
    if (is_low) output.scrollTop = output.scrollHeight;
    if (said.run) {
      const link = document.createElement("a");
      link.href = `/run?id=${encodeURIComponent(said.run)}`;
      link.textContent = said.run;
      result.replaceChildren("· Result: ", link);
    }
    if (said.over) { events.close(); stop.hidden = true; }
  };
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    await fetch("/interrupt", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Runner-Key": document.querySelector("meta[name=runner-key]").content,
      },
      body: JSON.stringify({ number }),
    });
  });
})();
