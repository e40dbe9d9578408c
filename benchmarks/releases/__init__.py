"""Known leaks against the releases that they name; needs a package index, so no test runs it."""
