"""The exit codes, by name."""

CLEAN = 0
LEAKS = 1
USAGE = 2
FAULT = 3
INTERRUPTED = 130
"""What a shell gives for a program that Ctrl-C ended: 128 and the number of SIGINT."""
