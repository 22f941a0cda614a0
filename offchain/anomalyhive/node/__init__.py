"""A node as a process of its own: its settings, its keys, its journal, its loop, and what may be wrong with it."""
