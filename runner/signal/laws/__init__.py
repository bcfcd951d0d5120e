"""What every operator is held to, whoever wrote it.

1. Every form of an operator (a row function; a window of rows and of time; a cross-section) is tried by itself.
2. `drawn` makes histories by the names of what an operator reads: prices are prices, and books aren't crossed.
3. A law takes a `Trial`, an operator in one form with parameters over a history, and returns what is broken, if anything.
4. `broken_laws` puts all laws to an operator. The tests put them to every operator that is registered.

| file | what its laws say |
|---|---|
| `same_bits` | however an operator is run, the bits are the same |
| `causality` | what a value may not depend on: the future, other symbols, other instants, the order of symbols |
| `memory` | what counts for a value: as much as the warm-up says, and nothing of what rounding left behind |
| `undefined` | what NaN and infinity do |
| `declared` | what an operator says of itself |

What no law can tell is whether the formula is right: accuracy is tested against other implementations, operator by operator.
"""

from runner.signal.laws.broken import Broken, Law
from runner.signal.laws.history import History
from runner.signal.laws.judgement import ANY_ROWS, ONCE, PLAIN_ROWS, broken_laws
from runner.signal.laws.trial import Trial, forms

__all__ = ["ANY_ROWS", "ONCE", "PLAIN_ROWS", "Broken", "History", "Law", "Trial", "broken_laws", "forms"]
