"""What the best of many lanes is worth: statistics against the luck of choosing.

`judge` gathers all of them from a sweep's returns, `words_of` says them; each can be had alone.

| file | question |
|---|---|
| probabilistic_sharpe | how sure is a Sharpe ratio, and how long must a record be to be sure |
| deflated_sharpe | is it more than the best of as many trials without skill would show |
| effective_trials | how many independent trials are lanes that are nearly copies |
| overfitting, dominance | does the lane that is best in one half of the record stay good in the other |
| superior_ability, stationary_bootstrap, block_length | is any of so many lanes better than doing nothing |
| plateau | does the best lane have good neighbours |
| walk_forward, combinatorial, purge | which rows may teach and which test |
| best_lanes, out_of_sample | what choosing by the past would have come to |
| sharpe, lane_chunks | the ratio of many lanes over many selections of rows, in little memory |

All of it is functions of arrays: returns per period [T, N], rows in time, lanes side by side. Nothing is read, written, or
drawn but from the generator handed in.
"""

from runner.sweeps.statistics.judge import Criteria, Evidence, judge
from runner.sweeps.statistics.verdict import Verdict
from runner.sweeps.statistics.walk_forward import WalkForward
from runner.sweeps.statistics.words import words_of

__all__ = ["Criteria", "Evidence", "Verdict", "WalkForward", "judge", "words_of"]
