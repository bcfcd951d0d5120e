"""Whether a page can be used without eyes, without a mouse, and with weak sight: what a browser can tell of it.

`faults` looks at the page that is open, and returns what is wrong in words:

1. By Chromium's own accessibility tree: everything one can press, fill in or choose has a name, and so has every image, table,
   region and dialog.
2. By the document: language, title, one main landmark, one first heading, headings that skip no level, ids used once,
   references that lead somewhere, header cells with a scope, no positive tabindex, nothing focusable inside what is hidden.
3. By computed styles: the contrast of every visible text against what is behind it, 4.5 : 1, or 3 : 1 for large text; targets
   of at least 24 pixels; what scrolls sideways can be focused.
4. By the tabulator: every focusable element is reached, in the order of the document, visibly, and focus leaves again.

It doesn't hear what a screen reader says, nor judge whether names are good ones.
"""

NAMED = {
    "button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "listbox", "slider", "spinbutton", "switch",
    "image", "img", "table", "region", "dialog", "alertdialog", "figure-with-name", "meter", "progressbar", "navigation",
    "search-with-name",
}  # fmt: skip
MOST_STOPS = 400

DOCUMENT = r"""
(() => {
  const faults = [], all = (what) => [...document.querySelectorAll(what)];
  const told = (each) => each.outerHTML.slice(0, 90);
  if (!document.documentElement.lang) faults.push("the page has no language");
  if (!document.title.trim()) faults.push("the page has no title");
  if (all("main").length !== 1) faults.push("there must be one main landmark");
  if (all("h1").length !== 1) faults.push("there must be one first heading");
  const headings = all("h1,h2,h3,h4,h5,h6").filter((each) => each.checkVisibility());
  headings.forEach((each, at) => {
    const level = Number(each.tagName[1]), before = at ? Number(headings[at - 1].tagName[1]) : 0;
    if (level > before + 1) faults.push(`a heading skips a level: ${told(each)}`);
    if (!each.textContent.trim()) faults.push(`a heading is empty: ${told(each)}`);
  });
  const ids = all("[id]").map((each) => each.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => faults.push(`the id ${id} is used twice`));
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "for"])
    for (const each of all(`[${name}]`))
      for (const id of each.getAttribute(name).split(/\s+/))
        if (!document.getElementById(id)) faults.push(`${name} leads nowhere: ${told(each)}`);
  all("th:not([scope])").forEach((each) => faults.push(`a header cell has no scope: ${told(each)}`));
  all("table").filter((each) => !each.caption).forEach((each) => faults.push(`a table has no caption: ${told(each)}`));
  all("[tabindex]").filter((each) => each.tabIndex > 0).forEach((each) => faults.push(`a positive tabindex: ${told(each)}`));
  all("[aria-hidden=true]").forEach((each) => {
    if (each.matches("a,button,input,select,textarea,[tabindex]") || each.querySelector("a,button,input,select,textarea,[tabindex]"))
      faults.push(`something focusable is hidden: ${told(each)}`);
  });
  all("ul,ol").forEach((each) => {
    if ([...each.children].some((child) => child.tagName !== "LI")) faults.push(`a list holds what is no item: ${told(each)}`);
  });
  return faults;
})()
"""

STYLES = r"""
(() => {
  const faults = [];
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
      seen.set(text, [red, green, blue, alpha / 255]);
    }
    return seen.get(text);
  };
  const over = (front, back) => [0, 1, 2].map((at) => front[at] * front[3] + back[at] * (1 - front[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const colour = parsed(getComputedStyle(each).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((back, front) => over(front, back), [255, 255, 255, 1]);
  };
  const light = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const done = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || done.has(element) || element.closest("script,style,title,desc,option,noscript")) continue;
    if (element.disabled || element.closest("[disabled]")) continue;
    done.add(element);
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element), back = behind(element);
    const ink = over(parsed(element.closest("svg") ? style.fill : style.color), back);
    const size = parseFloat(style.fontSize), is_large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = contrast(ink, back);
    if (found < (is_large ? 3 : 4.5))
      faults.push(`contrast ${found.toFixed(2)} of “${node.textContent.trim().slice(0, 40)}” in ${element.outerHTML.slice(0, 60)}`);
  }
  for (const each of document.querySelectorAll("button,input:not([type=hidden]),select,textarea,summary")) {
    const box = each.getBoundingClientRect();
    const around = each.closest("label")?.getBoundingClientRect() ?? box;
    if (each.checkVisibility() && (Math.max(box.width, around.width) < 24 || Math.max(box.height, around.height) < 17))
      faults.push(`a target of ${box.width.toFixed(0)} by ${box.height.toFixed(0)} pixels: ${each.outerHTML.slice(0, 80)}`);
  }
  for (const each of document.querySelectorAll("body *")) {
    const style = getComputedStyle(each);
    if (!/auto|scroll/.test(style.overflowX + style.overflowY) || !each.checkVisibility()) continue;
    const scrolls = each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1;
    if (scrolls && each.tabIndex < 0 && !each.querySelector("a,button,input,select,textarea,[tabindex]"))
      faults.push(`it scrolls and can't be focused: ${each.outerHTML.slice(0, 80)}`);
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


def faults(browser):
    """Return everything that is wrong with the page that is open, in words."""
    return [*unnamed(browser), *browser.value(DOCUMENT), *browser.value(STYLES), *tabbed(browser)]


def unnamed(browser):
    """Return what Chromium's accessibility tree has no name for."""
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    shown = [node for node in nodes if not node.get("ignored")]
    found = [node["role"]["value"] for node in shown if not node.get("name", {}).get("value", "").strip()]
    return [f"a {role} has no name" for role in found if role in NAMED]


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
