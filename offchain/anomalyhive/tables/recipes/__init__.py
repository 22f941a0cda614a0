"""One module for each bundled data set: how it becomes a table without leaks."""
