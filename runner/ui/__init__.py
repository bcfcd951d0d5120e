"""The page of this machine: runs and sweeps to look at, compare and start, live sessions to watch and to stop.

1. `runner.cli.ui` makes a `Site` and serves it (`server`) on loopback, with keys drawn for this start alone (`keys`).
2. Every request passes `guard` before anybody looks at what it asks: whose address it names, who sent it, which keys it
   has.
3. `site` finds the page, or the stream, that a path names. Runs are found by their ids in the index and in no other way:
   what comes from outside is compared, and never made into a path.
4. `pages` write HTML out of what the folders hold; every text is escaped where it is written, and the policy of each page
   (`frame`) runs no script but our own files.

What changes something is a POST that carries the key of the page in a header: leaving a kill file (`stopping`), and
starting a run from edited YAML (`launching`), as a process of its own, of this Python, in this folder. Nothing else writes,
apart from the index's own memory.

Without script all lists, runs, sweeps and comparisons can be read; watching a session and starting a run need it.
"""
