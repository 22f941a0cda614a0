"""A hive as strangers run it: a chain that makes blocks by itself, daemons, a process for each node, faults."""
