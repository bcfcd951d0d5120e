"""What a live session decides: the run's pipeline over instants as the feed hands them on, and its orders at the venue.

trader     the pipeline, driven over instants; everything it was told and everything it decided, line by line
decisions  those lines on disk, and the same lines out of a replay
router     the kernel's orders as orders at a venue, and what the venue did as reports to the kernel
setup      from the words of the configuration to limits and instruments
"""
