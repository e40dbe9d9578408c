"""Repeated work: what grows each time it runs, and by how much."""
