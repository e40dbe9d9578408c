"""leakwatch for pytest: an object that outlives its test makes the test fail.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""
