"""Which test made an object."""
