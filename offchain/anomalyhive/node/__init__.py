"""A node as a process of its own: its settings, its keys, its actions, and what may be wrong with it."""
