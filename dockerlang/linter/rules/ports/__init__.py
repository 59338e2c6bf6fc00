"""Rules on EXPOSE."""
