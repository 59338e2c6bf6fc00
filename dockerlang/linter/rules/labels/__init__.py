"""Rules on LABEL."""
