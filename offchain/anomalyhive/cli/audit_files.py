"""What an audit leaves for others: a JSON report, signed if there is a key, and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anomalyhive.audit.page import render
from anomalyhive.audit.signing import SIGNATURE, sign
from anomalyhive.cli.console import note
from anomalyhive.errors import BadSetting
from anomalyhive.federation.folder import check_result, write_bytes, write_json
from anomalyhive.node.keystore import read_key
from anomalyhive.node.passwords import Passwords


@dataclass(frozen=True)
class Files:
    """Where the report and the page go; None where it is not asked for. The key is in no text of this object."""

    json: Path | None
    html: Path | None
    _key: list[bytes]

    @classmethod
    def open(cls, json: Path | None, html: Path | None, key: Path | None, inputs: Sequence[Path]) -> Files:
        """Check, before any work, that everything can be written and the key opens. Raises BadSetting."""
        if key is not None and json is None and html is None:
            raise BadSetting(f"--key {key} signs a result, and none is written: give --json or --html")
        taken = [*inputs, *([] if key is None else [key])]
        for path in (json, html):
            if path is not None:
                check_result(path, *taken)
                taken.append(path)
        return cls(json, html, [] if key is None else [read_key(key, Passwords.here().known(key))])

    def __repr__(self) -> str:
        """Without the key."""
        return f"Files({self.json}, {self.html})"

    def write(self, report: Mapping[str, Any]) -> None:
        """Sign the report, if there is a key, and write what was asked for."""
        content = sign(report, self._key[0]) if self._key else dict(report)
        if self._key:
            note(f"signed by {content[SIGNATURE]['by']}")
        if self.json is not None:
            write_json(self.json, content)
        if self.html is not None:
            write_bytes(self.html, render(content).encode())
