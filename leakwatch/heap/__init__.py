"""The retention graph: roots, the walk, paths, names, sizes."""
