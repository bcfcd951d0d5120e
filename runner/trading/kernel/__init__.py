"""The decision kernel: what happens at one instant, compiled once and run by every mode.

`compiled_advance` gives the loop over instants (`advance`). At each of them, in this order:

1. What is due is filled: orders sent before, at the rows of the fill clock up to this instant (`venue`).
2. The rows' prices become the symbols' last prices; shorts and debts are charged for the nights gone by (`booking`).
3. Cash, equity and exposure are recorded; the risk rules that watch the account have their say (`gate`).
4. Rules or target → sizing → risk → orders, symbol after symbol, all with the equity of this instant (`decide`). Where the
   fill clock is that of the row that decides, they are filled then.

State lives in the arrays of `layout.State` and in nothing else: a backtest hands in all instants at once, a replay or a live
session one by one, with the same result. Output goes to buffers of fixed size; when one might overflow, `advance` stops and
says where, the caller takes the lines away and goes on.

Money is float64 in quote currency. An undefined (NaN) rule decides nothing, an undefined risk limit allows nothing, an
undefined cost rejects what opens a position and has what closes one wait; a reference price that isn't finite fills nothing:
the order waits. What reduces a position is never refused and never expires; of an order that turns a position round, the
risk rules see the part beyond zero. Once equity isn't above zero nothing may increase a position. What differs from what is
held by no more than rounding isn't ordered.

The session of the account is the latest that any symbol has begun, so that there is one for all of them: of New York and
Tokyo it begins with Tokyo's, a day of the calendar has both, and what a rule counts per session it counts once. Where
sessions of two calendars overlap, as round the clock and after hours, what still trades in the older one counts to the
newer.
"""
