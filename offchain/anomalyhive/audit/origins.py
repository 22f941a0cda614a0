"""Where a task's rows come from: partial statistics and labels, made into rows again, and chunks counted again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from anomalyhive.audit.report import Findings
from anomalyhive.content.kinds import Dataset, Partial, Spec
from anomalyhive.content.store import Store
from anomalyhive.errors import BadInput, ContentFailure
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.raw.joining import Joiner, count_chunk, differing_rows, partial_of

Tell = Callable[[int, int], None]


def check_rows(task: int, spec: Spec, store: Store, findings: Findings) -> Joiner | None:
    """Make the rows of every shard again; what the spec says they come from, None where it cannot be read."""
    if spec.origin is None:
        return None
    try:
        joiner = Joiner.open(spec, store)
    except ContentFailure as error:
        findings.fail("rows", f"what the rows come from cannot be read: {error}", task)
        return None
    _check_detectors(task, spec, joiner, findings)
    for shard, said in enumerate(spec.shards):
        assert said.dataset is not None
        findings.count("rows")
        try:
            wrong = differing_rows(Dataset.fetch(store, said.dataset), joiner.shard(shard))
        except (ContentFailure, BadInput) as error:
            findings.fail("rows", f"shard {shard}: {error}", task, digest=said.dataset)
            continue
        if wrong:
            what = f"dataset {said.dataset.hex()} of shard {shard} is not what partial statistics and labels give"
            findings.fail("rows", f"{what}: {wrong}", task, digest=said.dataset)
    return joiner


def _check_detectors(task: int, spec: Spec, joiner: Joiner, findings: Findings) -> None:
    """Fit every detector again."""
    assert spec.origin is not None
    if not spec.origin.detectors:
        return
    try:
        wrong = joiner.detectors.differs(joiner.refitted())
    except ContentFailure as error:
        findings.fail("rows", f"no detector can be fitted again: {error}", task)
        return
    for one in spec.origin.detectors:
        if one.name == wrong:
            what = f"weights {one.weights.hex()} are not what the detector {wrong} learns of the rows of all shards"
            findings.fail("rows", what, task, digest=one.weights)


def check_chunks(
    task: int, spec: Spec, joiner: Joiner | None, chunks: Sequence[Chunk], store: Store, findings: Findings, tell: Tell
) -> None:
    """Count every chunk again. The accounts are those of the labels."""
    if spec.origin is None or joiner is None:
        why = "its spec names no chunks" if spec.origin is None else "what its rows come from cannot be read"
        findings.fail("chunks", f"the chunks cannot be held against the task: {why}", task)
        return
    if len(chunks) != len(spec.origin.partials):
        what = f"{len(chunks)} chunks are given, and the task learns from {len(spec.origin.partials)}"
        findings.fail("chunks", what, task)
        return
    for number, (chunk, digest) in enumerate(zip(chunks, spec.origin.partials, strict=True)):
        tell(number, len(chunks))
        findings.count("chunks")
        try:
            wrong = _differing(number, chunk, joiner, Partial.fetch(store, digest))
        except (ContentFailure, BadInput) as error:
            wrong = str(error)
        if wrong:
            what = f"partial {digest.hex()} is not what chunk {number} gives: {wrong}"
            findings.fail("chunks", what, task, digest=digest)
    tell(len(chunks), len(chunks))


def _differing(number: int, chunk: Chunk, joiner: Joiner, said: Partial) -> str:
    """In words, how a partial is not what its chunk gives; empty if it is, bit for bit."""
    if (said.first, said.stop) != (chunk.start, chunk.stop):
        return f"it covers the blocks {said.first}:{said.stop}, the chunk {chunk.name}"
    accounts = joiner.labels.accounts
    due = partial_of(number, chunk, count_chunk(chunk, accounts), accounts, len(said.buckets))
    wrong = [bucket for bucket, (one, other) in enumerate(zip(said.buckets, due.buckets, strict=True)) if one != other]
    if wrong:
        return f"the statistics of bucket {wrong[0]} differ, and those of {len(wrong) - 1} more"
    if said.source != due.source:
        return f"it names the source {said.source.hex()}, the chunk is {due.source.hex()}"
    return ""
