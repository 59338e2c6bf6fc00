"""Rules on package managers: versions, questions asked, caches left behind."""
