"""From the roots to the survivors: what is held, by what, and how much of the heap with it."""
