"""Build contexts: the main one, wherever it comes from, and the named ones of `--build-context`."""
