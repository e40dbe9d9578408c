"""leakwatch for pytest: an object that outlives its test makes the test fail."""
