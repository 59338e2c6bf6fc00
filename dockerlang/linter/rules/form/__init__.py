"""Rules on how a file is written: keywords, comments, continuations."""
