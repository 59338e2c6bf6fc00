"""Rules on ARG, ENV and the use of variables."""
