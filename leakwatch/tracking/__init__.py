"""Who should be gone: what was registered, what was born in a scope, and what outlived it."""
