"""From a path to a cause: verdicts, patterns, signatures, known leaks."""
