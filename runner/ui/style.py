"""Rules of the ui's pages, after those that reports have: navigation, forms, lists, the editor and the monitor."""

from runner.report.overlay import LINES
from runner.report.style import STYLE as REPORT_STYLE

__all__ = ["STYLE"]

STYLE = (
    REPORT_STYLE
    + LINES
    + """
a { color: var(--series); }
:focus-visible { outline: 2px solid var(--series); outline-offset: 2px; }
main { max-width: 1240px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 8px; top: 8px; background: var(--paper); padding: 6px 10px; z-index: 1; }
nav { display: flex; gap: 20px; padding: 12px 16px; border-bottom: 1px solid var(--rule); background: var(--panel); }
nav a { text-decoration: none; padding: 3px 0; }
nav a[aria-current] { color: var(--ink); font-weight: 600; border-bottom: 2px solid var(--series); }
form.filter { display: flex; flex-wrap: wrap; gap: 12px 16px; align-items: end; margin: 18px 0; }
form.filter label, .field { display: grid; gap: 3px; color: var(--muted); font-size: 13px; }
input, select, button, textarea {
  font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--muted); border-radius: 5px;
  padding: 6px 9px; max-width: 100%;
}
input, select { min-height: 38px; }
input[type=checkbox] { width: 24px; height: 24px; min-height: 0; margin: 0; display: block; }
button { cursor: pointer; background: var(--panel); font-weight: 600; }
button[disabled] { cursor: not-allowed; color: var(--muted); font-weight: 400; }
button.danger:not([disabled]) { border-color: var(--loss); color: var(--loss); }
table.list { width: 100%; font-size: 14px; }
table.list td, table.list th { white-space: nowrap; padding: 5px 12px 5px 0; min-width: 0; vertical-align: middle; }
table.list td.words { white-space: normal; min-width: 13em; font-size: 13px; }
label select, label input { font-size: 15px; }
table.list thead a { color: inherit; }
tr.differs td, tr.differs th { background: color-mix(in srgb, var(--warn) 12%, var(--paper)); }
.state { font-weight: 600; }
.state.good { color: var(--good); }
.state.bad { color: var(--loss); }
.state.busy { color: var(--warn); }
nav.pager { border: 0; background: none; padding: 0; }
.pager { display: flex; gap: 18px; align-items: baseline; margin: 12px 0; color: var(--muted); }
.actions { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; margin: 14px 0; }
.editor { display: grid; grid-template-columns: auto 1fr; overflow: hidden; }
.editor { border: 1px solid var(--muted); border-radius: 6px; }
.editor pre, .editor textarea {
  font: 13px/20px ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  border: 0; border-radius: 0; margin: 0; padding: 10px; height: 560px; white-space: pre; resize: none;
}
.editor pre { overflow: hidden; text-align: right; color: var(--muted); background: var(--panel); }
.editor pre .wrong { color: var(--loss); font-weight: 700; }
.editor textarea { width: 100%; overflow: auto; outline-offset: -3px; }
.faults { list-style: none; padding: 0; }
.faults li { border-left: 3px solid var(--loss); background: var(--panel); padding: 7px 11px; margin: 7px 0; }
.faults button { font-size: 13px; padding: 1px 8px; }
.faults pre { margin-top: 6px; }
.output { max-height: 420px; overflow: auto; }
.panes { display: grid; gap: 0 32px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); }
.panes section { min-width: 0; }
.panes th, .panes td, .panes td:not(.number) { min-width: 0; padding-right: 14px; }
.panes td:not(.number) { overflow-wrap: break-word; }
meter { width: 110px; }
dialog { background: var(--paper); color: var(--ink); border: 2px solid var(--loss); border-radius: 8px; max-width: 34em; }
dialog h2 { margin-top: 0; }
dialog::backdrop { background: #000a; }
.grid-map td { text-align: right; padding: 4px 9px; }
[hidden] { display: none; }
@media print { nav, form, .actions, .pager, .skip { display: none; } }
"""
)
"""CSS with no address in it."""
