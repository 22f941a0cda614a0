"""The role of a monitor: a watch beside the rounds, and its alerts on a feed."""
