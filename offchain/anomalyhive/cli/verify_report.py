"""`anomalyhive audit verify-report`: who signed a report of an audit, and whether it is what was signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from web3 import Web3

from anomalyhive.audit.canonical import parse
from anomalyhive.audit.document import FORMAT
from anomalyhive.audit.signing import check_signature
from anomalyhive.cli.console import complain, note
from anomalyhive.errors import BadInput, BadSetting

MOST_BYTES = 1 << 28
"""Size of a report; a hundred rounds of a hundred nodes have five megabytes."""


def verify_report(
    file: Annotated[Path, typer.Argument(help="JSON report of an audit.")],
    by: Annotated[Optional[str], typer.Option(help="Address that must have signed it.")] = None,
) -> None:
    """Say who signed a report and whether it is intact. Exits with 0 only if it is, and by whom it must be."""
    wanted = None if by is None else _address(by)
    text = _read(file)
    try:
        report = parse(text)
        if report.get("format") != FORMAT:
            raise BadInput(f"it does not say that it is an {FORMAT!r}")
        signed = check_signature(report)
    except BadInput as error:
        raise BadSetting(f"{file} is no report of an audit: {error}") from error
    fault = signed.fault
    if not fault and wanted not in (None, signed.signer):
        fault = f"it is signed by {signed.signer}, not by {wanted}"
    if fault:
        complain(f"{file}: {fault}")
        raise typer.Exit(1)
    note(f"{file} is, to the last byte of its content, what {signed.signer} signed")
    note(_said(report))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            text = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadSetting(f"{file} cannot be read: {error.strerror}") from error
    if len(text) > MOST_BYTES:
        raise BadSetting(f"{file} has more than {MOST_BYTES} bytes: it is no report of an audit")
    return text


def _said(report: dict[str, Any]) -> str:
    """What the report says, in a line; it is the signer's word."""
    audited, made = report.get("audited"), report.get("made")
    hive = audited.get("hive") if isinstance(audited, dict) else None
    at = made.get("at") if isinstance(made, dict) else None
    verdict = "holds" if report.get("holds") is True else "does NOT hold"
    return f"it says of the hive {hive}, at {at}: the lineage {verdict}"


def _address(text: str) -> str:
    if not Web3.is_address(text):
        raise BadSetting(f"--by {text!r} is no address: give 0x and 40 hexadecimal digits")
    address = str(Web3.to_checksum_address(text))
    if text[2:] not in (address[2:], text[2:].lower(), text[2:].upper()):
        raise BadSetting(f"--by {text} has a mistake in it: its letters do not fit its digits (ERC-55)")
    return address
