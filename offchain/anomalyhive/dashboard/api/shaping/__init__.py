"""From what is known to what is answered: pure functions of a snapshot."""
