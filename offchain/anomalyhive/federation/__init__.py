"""A federation in one process: a run folder, its nodes, the loop that drives them, and the report."""
