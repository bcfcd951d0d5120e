"""One file per operator or family of operators; the file is where its formula stands."""
