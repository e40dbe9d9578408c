"""The heap of one moment as a file: objects, references by name, roots, sizes; no values."""
