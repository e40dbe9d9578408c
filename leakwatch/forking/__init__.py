"""Judging in a forked child, while the process goes on."""
