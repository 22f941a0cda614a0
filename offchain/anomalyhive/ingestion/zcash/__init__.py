"""Zcash's blocks: what is open on the chain, and counts and balances of what is shielded."""
