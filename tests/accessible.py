"""Whether a page can be used without eyes, without a mouse, and with weak sight: what a browser can tell of it.

`faults` looks at the page that is open, and returns what is wrong in words:

1. What axe finds, by all its rules but a few (`NOT_ASKED`); what it can't tell counts as found.
2. What axe leaves open or doesn't look at: the contrast of text in drawings and of text that is scrolled out of sight,
   4.5 : 1, or 3 : 1 for large text; tables without a caption and header cells without a scope.
3. By the tabulator: every focusable element is reached, in the order of the document, visibly, and focus leaves again.

It doesn't hear what a screen reader says, nor judge whether names are good ones.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

MOST_STOPS = 400
NOT_ASKED = {
    "color-contrast-enhanced": "7 : 1 is more than is promised",
    "css-orientation-lock": "it would fetch the style sheets once more, and can't of a file",
    "th-has-data-cells": "it doesn't know headers of a group of rows",
    "hidden-content": "it only says that there is some: the other drawing of a width, a question that isn't asked yet",
}
"""Rule of axe → why it isn't asked."""

AXE = r"""
(async () => {
  const rules = Object.fromEntries(axe.getRules().map(({ ruleId }) => [ruleId, { enabled: !(NOT_ASKED).includes(ruleId) }]));
  const found = await axe.run(document, { rules, resultTypes: ["violations", "incomplete"], elementRef: true });
  const told = ({ id }, { element, any, all, none, html }) =>
    `${id}: ${[...any, ...all, ...none].map((each) => each.message).join("; ")} in ${html.slice(0, 90)}`;
  const isContrast = ({ id }) => id === "color-contrast";
  window.untold = found.incomplete.filter(isContrast).flatMap(({ nodes }) => nodes.map(({ element }) => element));
  const broken = [...found.violations, ...found.incomplete.filter((rule) => !isContrast(rule))];
  return broken.flatMap((rule) => rule.nodes.map((node) => told(rule, node)));
})()
"""

BEYOND = r"""
(() => {
  const faults = [], all = (what) => [...document.querySelectorAll(what)];
  const told = (each) => each.outerHTML.slice(0, 90);
  all("th:not([scope])").forEach((each) => faults.push(`a header cell has no scope: ${told(each)}`));
  all("table").filter((each) => !each.caption).forEach((each) => faults.push(`a table has no caption: ${told(each)}`));
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const seen = new Map();
  const parsed = (text) => {
    if (!seen.has(text)) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = text;
      brush.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
      seen.set(text, new axe.commons.color.Color(red, green, blue, alpha / 255));
    }
    return seen.get(text);
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parsed(getComputedStyle(each).backgroundColor);
      if (colour.alpha === 1) return colour;
    }
    return parsed("white");
  };
  for (const element of new Set([...all("svg text, svg tspan"), ...window.untold])) {
    const text = [...element.childNodes].filter((each) => each.nodeType === Node.TEXT_NODE).map((each) => each.data).join("").trim();
    if (!text || !element.checkVisibility()) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const is_large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const back = behind(element), ink = axe.commons.color.flattenColors(parsed(element.closest("svg") ? style.fill : style.color), back);
    const found = axe.commons.color.getContrast(back, ink);
    if (found < (is_large ? 3 : 4.5)) faults.push(`contrast ${found.toFixed(2)} of “${text.slice(0, 40)}” in ${told(element)}`);
  }
  return faults;
})()
"""

STOPS = r"""
(() => {
  const able = "a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]";
  window.stops = [...document.querySelectorAll(able)].filter((each) =>
    !each.disabled && each.tabIndex >= 0 && each.checkVisibility({ visibilityProperty: true }) && !each.closest("dialog:not([open])"));
  window.scrollTo(0, 0);
  document.activeElement?.blur();
  return window.stops.length;
})()
"""

STOP = r"""
(() => {
  const each = document.activeElement;
  if (!each || each === document.body) return [-1, true, ""];
  const style = getComputedStyle(each);
  const shows = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  return [window.stops.indexOf(each), shows, each.outerHTML.slice(0, 90)];
})()
"""


@cache
def axe():
    """Return the script of axe-core, which a package of the `dev` extra brings."""
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        raise ModuleNotFoundError('axe-core is missing: pip install -e ".[dev]"')
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def faults(browser):
    """Return everything that is wrong with the page that is open, in words."""
    browser.value(f"{axe()}; 0")
    return [*browser.value(AXE.replace("NOT_ASKED", str(list(NOT_ASKED)))), *browser.value(BEYOND), *tabbed(browser)]


def tabbed(browser):
    """Return what is wrong on the way of the tabulator through the page."""
    expected = min(browser.value(STOPS), MOST_STOPS)
    found, reached = [], []
    for _ in range(expected + 1):
        browser.press("Tab")
        place, is_visible, told = browser.value(STOP)
        if place < 0:
            break
        if not is_visible:
            found.append(f"focus can't be seen: {told}")
        reached.append(place)
    if reached[:expected] != list(range(expected)):
        found.append(f"the tabulator goes {reached[:12]} through {expected} stops")
    return found
