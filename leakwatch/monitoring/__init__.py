"""A living process: what becomes more in it, and what holds that."""
