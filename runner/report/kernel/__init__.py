"""The figures of a run as compiled functions, for one run and for thousands.

They read columns or lines and write numbers (`layout`), make no arrays and let other threads run. A run that is made alone
and the same run among thousands go through the same functions, so their figures are equal to the bit.

    1. `gather` takes columns out of the lines that the trading kernel wrote; the tables of a run give the same columns.
    2. `measure` writes every figure, with `levels` for equity, `walk` for trades, `sums` for sums.
    3. `compiled` compiles them, when they are first asked for.
"""
