"""How Python would write a reference."""
