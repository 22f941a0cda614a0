"""What a run on chunks asks for, checked before minutes of counting, and the counting itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from anomalyhive.errors import BadSetting
from anomalyhive.federation.counted import Kept
from anomalyhive.federation.settings import Settings
from anomalyhive.metrics import partial as statistics
from anomalyhive.metrics.chunks import Chunk, find_chunks
from anomalyhive.metrics.features import NAMES
from anomalyhive.raw.joining import count_chunk
from anomalyhive.raw.labelling import Labelled, read_labels


@dataclass(frozen=True)
class Asked:
    """Labelled accounts, chunks, and the statistics to learn from."""

    labelled: Labelled
    chunks: Sequence[Chunk]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Counted(Asked):
    """And the partial statistics of these accounts in each chunk."""

    parts: Sequence[statistics.Partial]


@dataclass(frozen=True)
class Step:
    """How far counting is: ``done`` transactions of ``total`` in all ``chunks``, now in number ``chunk``, from 1."""

    chunk: int
    chunks: int
    done: int
    total: int


Watch = Callable[[Step], None]


def ask(settings: Settings) -> Asked:
    """What the settings ask for. Raises BadTable or BadSetting for all that can be wrong before a chunk is read."""
    assert settings.shards is not None
    assert settings.labels is not None
    columns = _columns(settings)
    if settings.era is not None:
        era_seconds(settings.era)
    labelled = read_labels(Path(settings.labels), settings.label, settings.id, settings.classes)
    return Asked(labelled, find_chunks(Path(settings.shards)), columns)


def count(asked: Asked, folder: Path | None = None, watch: Watch = lambda _: None) -> Counted:
    """Count the chunks; of no other account than the labelled ones. Raises BadTable.

    What ``folder`` keeps is not counted again, and what is counted is kept there. ``watch`` hears of what is counted.
    """
    accounts = tuple(asked.labelled.labels)
    kept = None if folder is None else Kept.of(folder, accounts)
    rows = [chunk.rows for chunk in asked.chunks]
    parts: list[statistics.Partial] = []
    for number, chunk in enumerate(asked.chunks):

        def tell(counted: int, number: int = number) -> None:
            watch(Step(number + 1, len(rows), sum(rows[:number]) + counted, sum(rows)))

        part = kept.read(chunk) if kept else None
        if part is None:
            tell(0)
            part = count_chunk(chunk, accounts, tell)
            if kept:
                kept.write(chunk, part)
        parts.append(part)
    if kept:
        kept.drop_others(asked.chunks)
    return Counted(asked.labelled, asked.chunks, asked.columns, parts)


def era_seconds(era: str) -> tuple[int, int]:
    """The unix seconds from the first day of FROM:TO to after its last, UTC. Raises BadSetting."""
    try:
        first, last = (date.fromisoformat(text) for text in era.split(":"))
    except ValueError as error:
        raise BadSetting(f"--era {era!r} is not FROM:TO: give two days, such as 2017-03-01:2018-03-31") from error
    if last < first:
        raise BadSetting(f"--era {era!r} ends before it begins: exchange the two days")
    low, high = (
        int(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp())
        for day in (first, last + timedelta(days=1))
    )
    return low, high


def _columns(settings: Settings) -> tuple[str, ...]:
    """The statistics to learn from. Raises BadSetting for one to drop that there is not."""
    for name in settings.drop:
        if name not in NAMES:
            raise BadSetting(f"--drop {name!r} is no statistic of an account: there are {', '.join(NAMES)}")
    columns = tuple(name for name in NAMES if name not in settings.drop)
    if not columns:
        raise BadSetting("--drop leaves no statistic to learn from: drop fewer")
    return columns
