"""One file per kind of the `data` family; the file name is the kind."""
