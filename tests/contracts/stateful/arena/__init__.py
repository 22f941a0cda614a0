"""The stage of the random runs: the chain, who acts on it, what is compared, and the state that the logs tell."""
