"""Where chains of references start."""
