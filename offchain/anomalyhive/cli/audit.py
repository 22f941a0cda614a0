"""`anomalyhive audit`: replay a run's lineage and say, line by line, what holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from anomalyhive.audit import audit_run
from anomalyhive.cli.console import note
from anomalyhive.cli.summary import show_audit
from anomalyhive.federation.folder import RunFolder, check_result, write_json
from anomalyhive.raw.chunks import find_chunks


def audit(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    shards: Annotated[
        Optional[Path], typer.Option(help="Folder of the chunks that it learned from, to count them again.")
    ] = None,
    json: Annotated[Optional[Path], typer.Option(help="Also write the result here.")] = None,
) -> None:
    """Replay a lineage from genesis. Exits with 0 only if all of it holds."""
    if json is not None:
        folder = RunFolder(run)
        check_result(json, folder.settings, folder.progress)
    note(f"auditing {run}")
    result = audit_run(run, chunks=None if shards is None else find_chunks(shards)).as_json()
    if json is not None:
        write_json(json, result)
    show_audit(result)
    if not result["holds"]:
        raise typer.Exit(1)
