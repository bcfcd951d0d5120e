"""Rules of the sweep's page, after those that all pages have: colours of cells, bands and lanes, figures side by side."""

from runner.sweeps.pages.heat_maps import STEPS
from runner.sweeps.pages.parallel import FIFTHS

__all__ = ["STYLE"]


def _steps() -> str:
    """Return the colours of cells: the further from the middle or the lowest, the stronger."""
    rules = []
    for step in range(STEPS + 1):
        opacity = f"{0.06 + 0.84 * step / STEPS:.2f}"
        rules.append(f"svg .g{step} {{ fill: var(--series); fill-opacity: {opacity}; }}")
        rules.append(f"svg .l{step} {{ fill: var(--loss); fill-opacity: {opacity}; }}")
    rules += [
        f"svg .s{step} {{ fill: var(--series); fill-opacity: {0.05 + 0.85 * step / (2 * STEPS):.2f}; }}"
        for step in range(2 * STEPS + 1)
    ]
    rules += [
        f"svg .f{fifth} {{ stroke-opacity: {0.08 + 0.42 * (fifth / (FIFTHS - 1)) ** 2:.2f}; }}" for fifth in range(FIFTHS)
    ]
    return "\n".join(rules)


STYLE = f"""
.beside {{ display: grid; gap: 18px 28px; margin: 10px 0; }}
.beside {{ grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }}
.beside svg {{ max-width: 520px; }}
svg text.in-cell {{ fill: var(--ink); font-size: 11px; }}
.results .number.long {{ white-space: normal; font-size: 13px; }}
.small text {{ font-size: 12px; }}
svg .void {{ fill: var(--shade); }}
svg .cell {{ stroke: var(--paper); stroke-width: 0.5; }}
svg .ring {{ fill: none; stroke: var(--ink); stroke-width: 2; }}
svg .cloud {{ fill: var(--series); fill-opacity: 0.14; }}
svg .soft {{ fill-opacity: 0.55; }}
svg path.bold {{ stroke-width: 2.2; }}
svg circle.series {{ stroke: var(--series); }}
svg circle.dot {{ stroke-width: 4; }}
svg .walk {{ stroke: var(--series); }}
svg path.anchored {{ stroke-width: 2.2; }}
svg path.rolling {{ stroke: var(--buy); stroke-dasharray: 6 3; stroke-width: 1.8; }}
svg .lane {{ stroke: var(--series); stroke-width: 1.1; }}
svg path.top {{ stroke: var(--sell); stroke-width: 2.6; }}
svg path.out {{ stroke-opacity: 0.03; }}
svg .zone {{ fill: transparent; cursor: ns-resize; touch-action: none; }}
svg .zone:focus-visible {{ outline: 2px solid var(--series); }}
svg .chosen {{ fill: var(--series); fill-opacity: 0.25; stroke: var(--series); }}
details {{ margin: 6px 0 18px; }}
summary {{ cursor: pointer; color: var(--muted); font-size: 13px; overflow-wrap: anywhere; }}
#brushed {{ display: block; min-height: 1.5em; overflow-wrap: anywhere; }}
.judgement {{ font-size: 19px; font-weight: 600; margin: 20px 0 4px; }}
.yes {{ color: var(--good); }}
.no {{ color: var(--loss); }}
.checks td:first-of-type {{ min-width: 4em; white-space: nowrap; }}
ul.words {{ padding-left: 20px; }}
ul.words li {{ margin: 4px 0; }}
.lanes th, .lanes td {{ padding-right: 16px; white-space: nowrap; min-width: 0; }}
{_steps()}
@media screen and (max-width: 640px) {{ svg text.in-cell {{ font-size: 10px; }} }}
@media print {{ details:not([open]) {{ display: none; }} #brush-hint {{ display: none; }} }}
"""
"""CSS with no address in it."""
