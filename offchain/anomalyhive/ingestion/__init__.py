"""Blocks of a chain in, one table schema of integers out: a pure function of the chain."""
