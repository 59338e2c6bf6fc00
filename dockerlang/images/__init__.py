"""Images on their way between registries and the store, which do not know each other."""
