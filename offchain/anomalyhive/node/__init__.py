"""A node as a process of its own: a journal, an event loop over the steps of its roles, and who watches it."""
