"""Pure integer learning: no float after the first step, no input, no output."""
