"""The chain: connections, local chains, deployment, typed clients of the contracts, and their events."""
