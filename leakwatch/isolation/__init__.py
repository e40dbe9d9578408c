"""Calls of code that is not ours, each of which may fail without harm to the others."""
