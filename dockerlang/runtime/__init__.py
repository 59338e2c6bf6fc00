"""How one process is run in one root directory, and what it changed there."""
