"""The page's style sheet: one column, tabular figures, colours as variables for light, dark and print."""

__all__ = ["STYLE"]

_MONTH_SHADES = "\n".join(
    f"td.{sign}-{step} {{ background: color-mix(in srgb, var({colour}) {6 + 5 * step}%, var(--paper)); }}"
    for sign, colour in (("up", "--series"), ("down", "--loss"))
    for step in range(1, 9)
)
"""Cells of months, in eight steps; the strongest leaves the number legible."""

STYLE = (
    """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f6f7f9; --ink: #1a1d21; --muted: #5b636e; --rule: #d9dde3;
  --series: #1f5fa8; --series-soft: #1f5fa826; --price: #4a5361; --loss: #b3402a; --loss-soft: #b3402a2e;
  --buy: #0a7d5a; --sell: #c2410c; --shade: #8b94a01f; --good: #0a7d5a; --warn: #a15c00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --panel: #1c2026; --ink: #e6e9ed; --muted: #9aa4b1; --rule: #333a43;
    --series: #6ea8e8; --series-soft: #6ea8e82e; --price: #a9b4c2; --loss: #e8836f; --loss-soft: #e8836f33;
    --buy: #4fc79b; --sell: #f08c4f; --shade: #aab4c01f; --good: #4fc79b; --warn: #e0a64a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 1000px; margin: 0 auto; padding: 28px 16px 56px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 19px; line-height: 1.3; margin: 44px 0 12px; padding-bottom: 6px; border-bottom: 1px solid var(--rule); }
h3 { font-size: 15px; line-height: 1.3; margin: 28px 0 6px; overflow-wrap: anywhere; }
p { margin: 6px 0; }
.about { color: var(--muted); overflow-wrap: anywhere; }
.status { font-weight: 600; color: var(--warn); }
.status.done { color: var(--good); }
.remarks { margin: 18px 0 0; padding: 10px 14px 10px 30px; border-left: 3px solid var(--warn); background: var(--panel); }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(135px, 1fr)); gap: 10px; margin: 22px 0 0; }
.headline div { background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 10px 12px; }
.headline dt { color: var(--muted); font-size: 13px; }
.headline dd { margin: 2px 0 0; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; margin: 14px 0 22px; container-type: inline-size; }
.scroll caption { max-width: 100cqi; }
table { border-collapse: collapse; min-width: min(100%, 26em); font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--muted); font-size: 13px; padding-bottom: 6px; }
th, td { text-align: left; vertical-align: top; padding: 5px 22px 5px 0; border-bottom: 1px solid var(--rule); }
th { font-weight: 500; }
td { white-space: pre-wrap; overflow-wrap: anywhere; }
td:not(.number) { min-width: 9em; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: 13px; white-space: nowrap; }
tfoot th, tfoot td { font-weight: 600; border-bottom: 0; }
.number { text-align: right; white-space: nowrap; overflow-wrap: normal; }
.results { width: 100%; }
.results th[scope=rowgroup] { padding-top: 18px; font-weight: 600; }
.results th[scope=row] { width: 13em; }
.results .number { width: 8em; padding-right: 24px; }
.results .meaning { color: var(--muted); font-size: 14px; white-space: normal; overflow-wrap: normal; }
.months { width: 100%; }
.months th, .months td { padding: 4px 5px; font-size: 12px; min-width: 0; }
.months td.total { font-weight: 600; }
.scorecard th[scope=row] { width: 12em; font-weight: 600; }
.scorecard .question { display: block; color: var(--muted); font-weight: 400; font-size: 13px; }
.scorecard .verdict { min-width: 6.5em; width: 6.5em; white-space: nowrap; font-weight: 600; }
.verdict.pass { color: var(--good); }
.verdict.warn { color: var(--warn); }
.verdict.fail { color: var(--loss); }
.verdict.not_applicable { color: var(--muted); }
.status.fall { color: var(--loss); }
.halted { border-left: 5px solid var(--loss); background: var(--panel); padding: 10px 14px; margin: 14px 0; }
.lines { list-style: none; padding: 0; font-size: 13px; overflow-wrap: anywhere; }
.lines li { padding: 2px 0; }
.lines .warning { color: var(--warn); }
.lines .alarm { color: var(--loss); font-weight: 600; }
figure { margin: 0; }
figcaption { color: var(--muted); font-size: 13px; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 13px; fill: var(--muted); font-variant-numeric: tabular-nums; }
svg text.name { fill: var(--ink); font-weight: 600; }
svg text.mark { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
svg path { fill: none; stroke-linejoin: round; stroke-width: 1.4; }
.narrow { display: none; }
.narrow text { font-size: 15px; }
.grid { stroke: var(--rule); stroke-width: 0.7; }
.axis { stroke: var(--muted); stroke-width: 1; }
.baseline { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 5 4; }
.warmup { fill: var(--shade); }
.warmup-edge { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 2 3; }
svg path.bear { fill: var(--loss); fill-opacity: 0.1; }
svg path.wild { fill: var(--warn); fill-opacity: 0.75; }
svg path.dashed { stroke-dasharray: 5 4; }
svg path.bold { stroke-width: 2.2; }
svg circle.dot { fill: var(--series); }
svg .series { stroke: var(--series); }
svg .series-area { fill: var(--series-soft); }
svg .price { stroke: var(--price); stroke-width: 1.1; }
svg .loss { stroke: var(--loss); stroke-width: 1.1; }
svg .loss-area { fill: var(--loss-soft); }
svg .gain { fill: var(--series); }
svg .fall { fill: var(--loss); }
svg .across { stroke: var(--ink); stroke-width: 2; }
svg .buy { fill: var(--buy); stroke: var(--paper); stroke-width: 0.6; }
svg .sell { fill: var(--sell); stroke: var(--paper); stroke-width: 0.6; }
pre {
  margin: 0; padding: 14px 16px; overflow-x: auto;
  background: var(--panel); border: 1px solid var(--rule); border-radius: 6px;
  font: 13px/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media screen and (max-width: 640px) {
  .wide { display: none; }
  svg.narrow { display: block; }
  .scroll th, .scroll td { padding-right: 12px; font-size: 13px; }
  .results tr { display: grid; grid-template-columns: 1fr auto; border-bottom: 1px solid var(--rule); padding: 4px 0; }
  .results thead { display: none; }
  .results th, .results td { border: 0; padding: 2px 0; width: auto; min-width: 0; }
  .results th[scope=row], .results .number { width: auto; padding-right: 0; }
  .results .meaning { grid-column: 1 / -1; font-size: 13px; }
}
@media screen and (min-width: 481px) and (max-width: 640px) { .narrow text { font-size: 12px; } }
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --panel: #ffffff; --ink: #000000; --muted: #444444; --rule: #bbbbbb;
    --series: #1f5fa8; --series-soft: #1f5fa826; --price: #333333; --loss: #b3402a; --loss-soft: #b3402a2e;
    --buy: #0a7d5a; --sell: #c2410c; --shade: #00000012; --good: #000000; --warn: #000000;
  }
  body { font-size: 11px; }
  .results .meaning, .scorecard .question { font-size: inherit; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; margin-top: 24px; }
  h3 { break-after: avoid; }
  figure, tr, .headline { break-inside: avoid; }
  .scroll, pre { overflow: visible; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
}
"""
    + _MONTH_SHADES
)
"""CSS with no address in it: the page loads nothing."""
