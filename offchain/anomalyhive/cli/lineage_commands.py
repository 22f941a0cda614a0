"""`anomalyhive lineage`: all of its commands."""

from __future__ import annotations

from anomalyhive.cli.lineage import lineage as app
from anomalyhive.cli.lineage_import import import_file
from anomalyhive.cli.lineage_where import where

app.command("import")(import_file)
app.command()(where)

__all__ = ["app"]
