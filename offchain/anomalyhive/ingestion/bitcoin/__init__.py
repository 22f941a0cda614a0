"""Bitcoin's blocks: decoded from their bytes, every hash recomputed; Zcash stands on the same parts."""
