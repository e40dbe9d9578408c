"""Reports as text and files; the only place that opens files."""
