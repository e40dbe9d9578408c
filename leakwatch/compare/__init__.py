"""Several reports: added up, put in groups, compared, and beside what a project accepts."""
