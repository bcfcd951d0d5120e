"""The same run by Backtrader: another program's clock, matching and books, and the user's own strategies for it.

1. `overlap` says what Backtrader can't do as Runner does it: that is refused before anything is read.
2. `library` is the only file that imports Backtrader. It is under the GPL-3, so it is an extra and loaded when asked for.
3. `ticks` lays a tape out for Backtrader's feeds, `feed` hands it over; `costs` are Runner's slippage and fees.
4. `broker` is Backtrader's broker with these costs; `tick_broker` is that broker under a pipeline, exits included.
5. `follower` is the Backtrader strategy that does what a pipeline's rules say; a user's strategy gets a `sizer`.
6. `ledger` keeps what happened and makes the tables of it; `valued` writes what the account is worth, `analyzers` what
   Backtrader's own figures are.
7. `run` puts it together.

What each part takes from Runner is what a model *is* (a size, a cost, a price); whether an order is matched, and what it
does to cash and position, is Backtrader's. So two programs that share no trading loop are compared.
"""
