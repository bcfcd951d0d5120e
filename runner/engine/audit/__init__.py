"""The audit of a run: whether anything in it knows what it can't know yet, tried on its own data.

| check | what is compared |
|---|---|
| operators | the laws over every operator of the graph, on drawn histories; and whether data are frozen into machine code |
| data | rows up to a session's end, with and without later rows at the door of the quality gate |
| adjusted prices | rules at prices as they stood adjusted at that instant and as they stand adjusted today |
| values, trades | every node and rule, every order and fill up to an instant, with and without the rows after it |
| live | a stretch of the run pushed instant by instant, and computed by columns |

Bits are compared, not closeness. What none of them can see is what was mixed into the data before Runner read them: a file
whose rows were computed with later ones, a universe chosen by how its members fared, a factor found on the same years.
"""

from runner.engine.audit.audit import CUTS, Audit, Outcome, audit
from runner.engine.audit.leak import Leak

__all__ = ["CUTS", "Audit", "Leak", "Outcome", "audit"]
