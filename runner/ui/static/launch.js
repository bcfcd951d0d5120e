"use strict";
// Checks the text while it is typed, marks the lines that are wrong, and starts the run when the button is pressed.
(() => {
  const yaml = document.querySelector("#yaml"), lines = document.querySelector("#lines");
  const said = document.querySelector("#said"), start = document.querySelector("#start");
  const list = document.querySelector("#faults"), heading = document.querySelector("#wrong");
  const key = document.querySelector("meta[name=runner-key]").content;
  let asked = 0, timer = 0;

  const post = (path, body) => fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json", "X-Runner-Key": key }, body: JSON.stringify(body),
  });
  const number = (faults) => {
    const wrong = new Set(faults.map((fault) => fault.line));
    const count = yaml.value.split("\n").length;
    lines.replaceChildren(...Array.from({ length: count }, (_, at) => {
      const line = document.createElement("span");
      line.textContent = `${wrong.has(at + 1) ? "● " : ""}${at + 1}\n`;
      line.className = wrong.has(at + 1) ? "wrong" : "";
      return line;
    }));
    lines.scrollTop = yaml.scrollTop;
  };
  const go = (line) => {
    const before = yaml.value.split("\n").slice(0, line - 1).join("\n").length;
    const from = line > 1 ? before + 1 : 0;
    yaml.focus();
    yaml.setSelectionRange(from, from + yaml.value.split("\n")[line - 1].length);
    yaml.scrollTop = Math.max(0, (line - 8) * 20);
  };
  const show = (faults) => {
    number(faults);
    heading.hidden = !faults.length;
    list.replaceChildren(...faults.map((fault) => {
      const item = document.createElement("li"), where = document.createElement("strong");
      where.textContent = fault.where;
      if (fault.line) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = `line ${fault.line}`;
        button.addEventListener("click", () => go(fault.line));
        item.append(button, " ");
      }
      item.append(where, ` ${fault.text}`);
      if (fault.excerpt) {
        const excerpt = document.createElement("pre");
        excerpt.textContent = fault.excerpt;
        item.append(excerpt);
      }
      return item;
    }));
  };
  const check = async () => {
    const own = ++asked;
    said.textContent = "Checking…";
    try {
      const answer = await post("/check", { yaml: yaml.value, run: yaml.dataset.run });
      if (own !== asked) return;
      if (!answer.ok) throw new Error(await answer.text());
      const { faults } = await answer.json();
      show(faults);
      start.disabled = faults.length > 0;
      yaml.setAttribute("aria-invalid", String(faults.length > 0));
      said.textContent = faults.length
        ? `${faults.length} ${faults.length === 1 ? "thing has" : "things have"} to be mended.` : "Nothing is wrong with it.";
    } catch (problem) {
      if (own === asked) said.textContent = `It couldn't be checked: ${problem.message}`;
    }
  };
  yaml.addEventListener("input", () => {
    start.disabled = true;
    number([]);
    clearTimeout(timer);
    timer = setTimeout(check, 350);
  });
  yaml.addEventListener("scroll", () => { lines.scrollTop = yaml.scrollTop; });
  start.addEventListener("click", async () => {
    start.disabled = true;
    said.textContent = "Starting…";
    try {
      const answer = await post("/start", { yaml: yaml.value, run: yaml.dataset.run });
      if (!answer.ok) throw new Error(await answer.text());
      const { number: started, faults } = await answer.json();
      if (started) { location.assign(`/launched?number=${encodeURIComponent(started)}`); return; }
      show(faults);
      said.textContent = "It wasn't started.";
    } catch (problem) {
      said.textContent = `It wasn't started: ${problem.message}`;
      start.disabled = false;
    }
  });
  number([]);
  check();
})();
