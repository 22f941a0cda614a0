"""The content of verdicts: what a validator showed on chain, and the reasons that it gives."""

from __future__ import annotations

from collections.abc import Mapping

from anomalyhive.audit.blocks import Inventory
from anomalyhive.audit.place import Place
from anomalyhive.audit.replay import Round
from anomalyhive.content.kinds import Verdict
from anomalyhive.content.store import Store
from anomalyhive.errors import ContentFailure
from anomalyhive.roles.judging import UNAVAILABLE


class Reasons:
    """Why updates of a round were not accepted, as its verdicts say."""

    def __init__(self, round_: Round, verdicts: Mapping[int, Verdict]) -> None:
        self._round = round_
        self._verdicts = verdicts

    def of(self, shard: int) -> list[str]:
        """The reasons that seats with a score of 0 give."""
        return [
            self._verdicts[seat].reasons[shard]
            for seat in self._rejecting(shard)
            if seat in self._verdicts and shard in self._verdicts[seat].reasons
        ]

    def excuse_absence(self, shard: int) -> bool:
        """Whether most of the seats that rejected the update say that nobody could have it."""
        unavailable = [reason for reason in self.of(shard) if reason.startswith(UNAVAILABLE)]
        return 2 * len(unavailable) > len(self._rejecting(shard))

    def any_unavailable(self) -> bool:
        """Whether any seat missed the content of any update: it then weighed the others against a smaller round."""
        return any(reason.startswith(UNAVAILABLE) for one in self._verdicts.values() for reason in one.reasons.values())

    def _rejecting(self, shard: int) -> list[int]:
        author = self._round.submissions[shard].node
        return [seat for seat, one in self._round.reveals.items() if one.node != author and not one.scores[shard]]


def read_verdicts(place: Place, round_: Round, store: Store, inventory: Inventory) -> Reasons:
    """Hold the content of every revealed verdict against the chain."""
    read: dict[int, Verdict] = {}
    for seat, reveal in sorted(round_.reveals.items()):
        inventory.need(reveal.digest, f"the verdict of seat {seat} in round {round_.number}")
        place.findings.count("verdicts")
        try:
            verdict = Verdict.fetch(store, reveal.digest)
        except ContentFailure as error:
            place.fail("verdicts", f"the verdict of seat {seat} cannot be read: {error}", reveal.digest)
            continue
        facts = {
            **place.facts(verdict),
            "seat": (verdict.seat, seat),
            "author": (verdict.author, reveal.node),
            "scores": (verdict.scores, reveal.scores),
        }
        place.compare("verdicts", f"verdict {reveal.digest.hex()} of seat {seat}", facts, reveal.digest)
        read[seat] = verdict
    return Reasons(round_, read)
