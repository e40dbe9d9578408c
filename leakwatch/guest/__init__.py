"""Being a guest: the collector, the heap and the signals of a process that is not ours."""
