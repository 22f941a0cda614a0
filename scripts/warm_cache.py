"""Derive the commitment generators that the demo needs, once: a run derives what is missing, but makes one wait."""

from __future__ import annotations

import sys

from anomalyhive.commitments import cache_directory, default_generators

COUNT = 1 << 15
"""Above the longest vector of `boost` on 38 columns: 26,752 coordinates in its first round."""


def main() -> int:
    """Derive and keep them."""
    default_generators().first(COUNT)
    print(f"{COUNT:,} generators are in {cache_directory()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
