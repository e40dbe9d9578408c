"""Leaks that are known: one TOML file each, how they are read, and how they are matched."""
