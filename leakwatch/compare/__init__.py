"""Several reports: added up, put in groups, told apart, and beside what a project accepts."""
