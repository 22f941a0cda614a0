"""The events of a round, folded into its view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anomalyhive.chain.events import Event
from anomalyhive.chain.views import Phase, Reveal, RoundView, Submission, Tallied
from anomalyhive.errors import ChainFailure


def seats_of(bitmap: int) -> frozenset[int]:
    """The seats whose bits are set."""
    return frozenset(seat for seat in range(bitmap.bit_length()) if bitmap >> seat & 1)


def point_bytes(point: Any) -> bytes:
    """A G1 struct as 96 bytes."""
    parts = (point["a"], point["b"], point["c"]) if isinstance(point, Mapping) else point
    return b"".join(bytes(part) for part in parts)


def fold_round(task: int, round_: int, events: Sequence[Event], phase: Phase, ends_at: int, now: int) -> RoundView:
    """What the events of one round say of it, in the order of the chain."""
    opened: Event | None = None
    submissions: dict[int, Submission] = {}
    reveals: dict[int, Reveal] = {}
    committed: dict[int, int] = {}
    attested: dict[int, bytes] = {}
    slashed: dict[int, int] = {}
    medians: dict[int, int] = {}
    tallied: Tallied | None = None
    model, paid, returned, drawn = bytes(32), frozenset[int](), 0, bytes(32)
    for event in events:
        v = event.values
        match event.name:
            case "RoundOpened":
                opened = event
            case "UpdateSubmitted":
                submissions[v["shard"]] = Submission(
                    v["shard"], v["node"], bytes(v["digest"]), point_bytes(v["commitment"])
                )
                drawn = event.block_hash
            case "VerdictCommitted":
                committed[v["seat"]] = v["node"]
            case "VerdictRevealed":
                reveals[v["seat"]] = Reveal(v["seat"], v["node"], bytes(v["scores"]), bytes(v["verdict"]))
            case "SeatSlashed":
                slashed[v["seat"]] = v["burned"]
            case "UpdatesTallied":
                for offset, median in enumerate(bytes(v["medians"])):
                    shard = v["firstShard"] + offset
                    if shard in submissions:
                        # The medians of an earlier slice may come again; none of them ever becomes less.
                        medians[shard] = max(median, medians.get(shard, 0))
            case "RoundTallied":
                paid = seats_of(v["paid"])
                tallied = Tallied(medians, v["worth"], v["rate"], v["share"], paid, point_bytes(v["sum"]))
            case "ModelAttested":
                attested[v["seat"]] = bytes(v["model"])
            case "RoundFinalized":
                model, paid, returned = bytes(v["model"]), seats_of(v["paid"]), v["returned"]
            case "RoundCancelled":
                returned = v["returned"]
    if opened is None:
        raise ChainFailure(f"the logs do not say how round {round_} of task {task} opened: the RPC endpoint omits some")
    return RoundView(
        task=task,
        round=round_,
        phase=phase,
        ends_at=ends_at,
        now=now,
        seed=bytes(opened.values["seed"]),
        base=bytes(opened.values["base"]),
        submissions=submissions,
        committed=committed,
        reveals=reveals,
        tallied=tallied,
        attested=attested,
        slashed=slashed,
        model=model,
        paid=paid if tallied else frozenset(),
        returned=returned,
        opened_in=opened.block,
        drawn=drawn,
    )
