"""Live sessions from a prepared run to its directory.

launch    the steps of a session: history, directory, doors, sitting, results
doors     what a session is connected to; `embedded` and `outside` open them
sitting   the loop of one process: instants in, orders out, until it is over
results   what is written when it is over: tables, report, certificate, gap
replay    the same decisions again, from the directory alone
"""
