"""What is printed and written of a test run."""
