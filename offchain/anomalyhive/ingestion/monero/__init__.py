"""Monero's blocks: decoded from their bytes, their ids recomputed, what is hidden left null."""
