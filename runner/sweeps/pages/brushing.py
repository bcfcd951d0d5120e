"""The page's only script: dragging along an axis of the parallel coordinates leaves the lanes that pass there.

It reads numbers from the drawing and sets classes and places; it writes no markup, loads nothing and stores nothing. Without
it the drawing stands as it is.
"""

__all__ = ["SCRIPT"]

SCRIPT = """
"use strict";
(() => {
  const said = document.querySelector("#brushed");
  const drawings = [...document.querySelectorAll("svg.brushed")];
  if (!said || !drawings.length) return;
  document.querySelector("#brush-hint").hidden = false;
  const ranges = new Map();
  const lanes = drawings.map((drawing) => [...drawing.querySelectorAll("path.lane")].map((path) => ({
    path, at: path.dataset.at.split(" ").map(Number), name: path.querySelector("title").textContent,
  })));
  const passes = (lane) => [...ranges].every(([axis, [low, high]]) => lane.at[axis] >= low && lane.at[axis] <= high);
  const show = () => {
    let left = [];
    for (const drawn of lanes) {
      left = drawn.filter((lane) => {
        const is_in = passes(lane);
        lane.path.classList.toggle("out", !is_in);
        return is_in;
      });
    }
    for (const drawing of drawings) {
      for (const zone of drawing.querySelectorAll("rect.zone")) {
        const range = ranges.get(Number(zone.dataset.axis));
        const mark = zone.previousElementSibling;
        const top = Number(zone.getAttribute("y")), height = Number(zone.getAttribute("height"));
        const [low, high] = range || [0, 0];
        mark.setAttribute("y", top + (1 - Math.min(high, 1)) * height);
        mark.setAttribute("height", range ? Math.max((Math.min(high, 1) - Math.max(low, 0)) * height, 3) : 0);
        const from = Math.round(100 * Math.max(low, 0)), to = Math.round(100 * Math.min(high, 1));
        zone.setAttribute("aria-valuetext", range ? `${from} to ${to} percent` : "all");
        zone.setAttribute("aria-valuenow", range ? Math.round((from + to) / 2) : 50);
      }
    }
    const best = left.length ? left[left.length - 1].name : "";
    const told = `${left.length} of ${lanes[0].length} lanes drawn pass. ${best && "Best: " + best}`;
    said.textContent = ranges.size ? told : "";
  };
  const set = (axis, range) => {
    if (range) ranges.set(axis, range); else ranges.delete(axis);
    show();
  };
  for (const zone of document.querySelectorAll("svg.brushed rect.zone")) {
    const axis = Number(zone.dataset.axis), step = Number(zone.dataset.step);
    const share = (event) => {
      const box = zone.getBoundingClientRect();
      return Math.min(1, Math.max(0, 1 - (event.clientY - box.top) / box.height));
    };
    let from = null;
    zone.addEventListener("pointerdown", (event) => {
      from = share(event);
      zone.setPointerCapture(event.pointerId);
    });
    const drag = (event) => {
      if (from === null) return false;
      const to = share(event), near = Math.min(0.02, step / 3);
      if (Math.abs(to - from) <= 0.01) return false;
      set(axis, [Math.min(from, to) - near, Math.max(from, to) + near]);
      return true;
    };
    zone.addEventListener("pointermove", drag);
    zone.addEventListener("pointerup", (event) => {
      if (from !== null && !drag(event)) set(axis, null);
      from = null;
    });
    zone.addEventListener("pointercancel", () => { from = null; });
    zone.addEventListener("keydown", (event) => {
      const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (event.key === "Escape" || event.key === "Delete") set(axis, null);
      else if (way) {
        const half = 0.5 * step + 1e-9;
        const old = ranges.get(axis) || (way > 0 ? [-step - half, -step + half] : [1 + step - half, 1 + step + half]);
        const [low, high] = old.map((end) => end + way * step);
        const wider = way > 0 ? [old[0], Math.min(old[1] + step, 1 + half)] : [Math.max(old[0] - step, -half), old[1]];
        if (event.shiftKey) set(axis, wider);
        else if (high > 0 && low < 1) set(axis, [low, high]);
      } else return;
      event.preventDefault();
    });
  }
})();
"""
"""JavaScript; nothing of a sweep's own is in it, so the hash that allows it is the same on every page."""
