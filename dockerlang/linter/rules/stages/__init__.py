"""Rules on stages: their names and what becomes of them."""
