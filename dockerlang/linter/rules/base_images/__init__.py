"""Rules on FROM: which image a stage is built on, and for which platform."""
