"""Whether a test failed: what its survivors are worth."""
