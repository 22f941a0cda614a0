"""Print what the tests left out, as the last words of `make test`.

Every run of pytest appends to the file named by ANOMALYHIVE_LEFT_OUT what it skipped and why (tests/conftest.py), one
JSON list [reason, tests] a line: so what is missing stands at the end, not above the output of the runs that followed.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

VARIABLE = "ANOMALYHIVE_LEFT_OUT"


def said(path: Path) -> list[str]:
    """The lines to print for a file of reasons; a file that is not there left nothing out."""
    counts: Counter[str] = Counter()
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            reason, tests = json.loads(line)
            counts[reason] += tests
    if not counts:
        return ["nothing was left out"]
    left = [f"  {tests} {'test' if tests == 1 else 'tests'}: {reason}" for reason, tests in sorted(counts.items())]
    return [f"left out, {sum(counts.values())} in all:", *left]


def main() -> int:
    """Print it; 2 where nobody said which file."""
    path = os.environ.get(VARIABLE)
    if path is None:
        print(f"{VARIABLE} names no file", file=sys.stderr)
        return 2
    print("\n".join(said(Path(path))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
