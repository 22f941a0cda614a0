"""What the dashboard knows: one thread reads a chain, a run and a watch, and everyone else reads what it published."""
