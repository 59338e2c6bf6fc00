"""Rules on USER."""
