"""The watch itself: a block after the other into the book, with what it does to the addresses that it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from anomalyhive.core.coded import kernels
from anomalyhive.errors import BadInput, BadSetting, ChainFailure, Failure
from anomalyhive.ingestion.block import Source
from anomalyhive.ingestion.chains import Chain
from anomalyhive.monitor.alert import Alert, Withdrawal
from anomalyhive.monitor.beginning import begin
from anomalyhive.monitor.book import KEEP_BLOCKS, STEP_BP, Book
from anomalyhive.monitor.entries import BlockRow, Entry, Score, Touched
from anomalyhive.monitor.following import Following, Given, fork
from anomalyhive.monitor.models import NO_OPINION, Learned, Models
from anomalyhive.monitor.packing import pack, unpack
from anomalyhive.monitor.raising import Terms, expired, raised, scores_of, transactions_of
from anomalyhive.monitor.statistics import advanced, touched_by
from anomalyhive.texts import one_line

DAY = 86_400

AT_ODDS = 10
"""Steps in a row without a block that follows on the last one, after which endpoints are said to be at odds."""

AT_ONCE = 500
"""Live alerts that are judged anew together."""


@dataclass(frozen=True)
class WatchSettings:
    """``start`` is the first block, ``chunks`` what to begin with; both of a new watch alone.

    An alert holds for ``life`` seconds and has at most ``reasons`` reasons. A step follows at most ``most`` blocks.
    ``keep_blocks`` and ``step_bp`` are those of `Book`.
    """

    start: int | None = None
    chunks: Path | None = None
    life: int = DAY
    reasons: int = 6
    most: int = 64
    keep_blocks: int = KEEP_BLOCKS
    step_bp: int = STEP_BP

    def __post_init__(self) -> None:
        """Raise BadSetting for a number that cannot be."""
        for name, low in (("life", 1), ("reasons", 0), ("most", 1), ("step_bp", 1)):
            if getattr(self, name) < low:
                raise BadSetting(f"{name} is {getattr(self, name)}: give {low} or more")
        if self.start is not None and self.start < 0:
            raise BadSetting(f"--from {self.start} is no block: give 0 or more")


def watched_id(chain: Chain) -> int:
    """The id of a chain that can be watched. Raises BadSetting for a chain without accounts."""
    if chain.chain_id is None:
        raise BadSetting(f"--chain {chain.name} has no accounts to watch: Ethereum and Polygon have")
    return chain.chain_id


@dataclass
class Happened:
    """What a step did.

    ``rolled_back`` is the last block that stayed in a reorganisation, None where there was none; what it took back and
    what is live again are among ``withdrawals`` and ``alerts``. ``head`` is the source's last block, ``idle`` whether
    there is nothing more to do for now. ``problems`` are told in words; each is tried again.
    """

    head: int
    blocks: list[BlockRow] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    rolled_back: int | None = None
    idle: bool = False
    problems: list[str] = field(default_factory=list)


class Watch:
    """A watch over a chain; see the package for how to drive it."""

    def __init__(self, book: Book, chain: Chain, source: Source, models: Models, settings: WatchSettings) -> None:
        """By `open`."""
        self.book, self._chain, self._models, self._settings = book, chain, models, settings
        self._following = Following(source)
        self._learned: Learned | None = None
        self._judged_anew = ""
        self._at_odds = 0

    @classmethod
    def open(cls, folder: Path, chain: Chain, source: Source, models: Models, settings: WatchSettings) -> Watch:
        """Open a watch in a folder, or begin one. The source stays the caller's to close.

        Raises BadInput for settings that do not go with what is in the folder, Failure.
        """
        kernels()  # every block brings few rows: they are worth the compiled loops' loading once
        book = Book.open(folder, watched_id(chain), chain.finality, settings.keep_blocks, settings.step_bp)
        try:
            if (start := book.fact("start")) is None:
                begin(book, chain, source.head(), settings.start, settings.chunks)
            elif settings.start not in (None, start):
                raise BadSetting(f"--watch {folder} begins at block {start}, not at {settings.start}: leave out --from")
            elif settings.chunks is not None and str(settings.chunks.resolve()) != book.fact("chunks"):
                raise BadSetting(f"--watch {folder} has begun without --chunks {settings.chunks}: leave it out")
            return cls(book, chain, source, models, settings)
        except BaseException:
            book.close()
            raise

    def close(self) -> None:
        """Let go of the book, and of what was asked of the source ahead."""
        self._following.forget()
        self.book.close()

    @property
    def next(self) -> int:
        """The number of the block that comes next."""
        head = self.book.head()
        return self._start if head is None else head.number + 1

    def posted(self, alert_id: str, transaction: str) -> None:
        """Note the transaction by which an alert stands on a chain. Raises BadInput for an unknown alert."""
        self.book.posted(alert_id, transaction)

    def step(self, until: int | None = None) -> Happened:
        """Follow the chain for a few blocks, none above ``until``; see `Happened`.

        Raises Failure for what may be tried again, such as endpoints that do not answer, BadInput for what may not.
        What was done by then is in the book.
        """
        happened = Happened(self._following.source.head())
        learned = self._model(happened)
        if self.next > happened.head:
            # The last block may be another one by now, or the chain have become shorter.
            self._roll_back(happened)
        self._judge_anew(learned, happened)
        stop = min(happened.head, happened.head if until is None else until) + 1
        while len(happened.blocks) < self._settings.most and self.next < stop:
            try:
                if not self._follow(learned, stop, happened):
                    break
            except ChainFailure as error:
                if not (happened.blocks or happened.alerts or happened.withdrawals):
                    raise
                # What has been done is told, and the rest tried again.
                happened.problems.append(str(error))
                break
        happened.idle = self.next >= stop or bool(happened.problems)
        return happened

    @property
    def _start(self) -> int:
        start = self.book.fact("start")
        assert isinstance(start, int)
        return start

    def _model(self, happened: Happened) -> Learned:
        """The model to judge by; the one before where the latest cannot be had."""
        try:
            latest = self._models.latest()
        except (Failure, BadInput) as error:
            if self._learned is None:
                raise
            happened.problems.append(f"no newer model than that of round {self._learned.round}: {error}")
            return self._learned
        if latest is not self._learned:
            self._learned = latest
            self.book.note({"model": latest.digest, "round": latest.round, "threshold_bp": latest.threshold.bp})
        return latest

    def _follow(self, learned: Learned, stop: int, happened: Happened) -> bool:
        """Take the next block in; False where none follows on the last one just now."""
        last, number = self.book.head(), self.next
        parent = self.book.fact("parent")
        given = self._following.read(last, number, str(parent or ""), stop)
        if given.faults and self._roll_back(happened):
            return False
        if given.misfit:
            self._at_odds += 1
            words = f"block {number} does not follow: {given.misfit}"
            if self._at_odds >= AT_ODDS:
                self._at_odds = 0
                raise ChainFailure(f"{words}, {AT_ODDS} times: see that all endpoints are of one chain")
            happened.problems.append(words)
            return False
        self._at_odds = 0
        entry = self._entry(given, learned)
        happened.withdrawals += self.book.write(entry)
        happened.blocks.append(entry.block)
        happened.alerts += entry.alerts
        return True

    def _entry(self, given: Given, learned: Learned) -> Entry:
        """All that a block brings into the book."""
        names = touched_by(given.events)
        after = advanced(unpack(names, self.book.states(names)), given.events)
        opinion = learned.opinion(after.features()) if names else NO_OPINION
        hashes = transactions_of(given.tables)
        row = BlockRow(
            number=given.number,
            hash=given.hash,
            parent=given.parent,
            time=given.time,
            transactions=len(given.tables.get("transactions", ())),
            addresses=len(names),
            scored=len(names),
            highest_bp=max(opinion.points, default=0),
            mean_bp=sum(opinion.points) // max(len(names), 1),
            quarantined=one_line("; ".join(given.faults)),
        )
        scores = scores_of(row, names, opinion, learned.digest, hashes)
        live = self.book.live_of(names)
        alerts, ended = raised(self._chain, row, scores, opinion, learned, live, hashes, self._terms)
        ended += expired(self.book.expiring(given.time), ended)
        return Entry(replace(row, alerts=len(alerts)), _touched(scores, pack(after)), alerts, ended)

    def _roll_back(self, happened: Happened) -> bool:
        """Whether the chain has given up the last blocks; what they brought is taken back then."""
        source, head = self._following.source, self.book.head()
        kept = fork(source, self.book, happened.head)
        if kept is None or head is None:
            return False
        self._following.forget()
        withdrawals, alerts = self.book.roll_back(kept, head.time)
        happened.blocks = [one for one in happened.blocks if one.number <= kept]
        happened.withdrawals += withdrawals
        happened.alerts += alerts
        happened.rolled_back = kept if happened.rolled_back is None else min(kept, happened.rolled_back)
        self._judged_anew = ""
        return True

    def _judge_anew(self, learned: Learned, happened: Happened) -> None:
        """Judge the addresses with live alerts by a model that is newer than these."""
        row = self.book.head()
        if row is None or row.quarantined or self._judged_anew == learned.digest:
            return
        old = [one for one in self.book.live() if one.model != learned.digest]
        for at in range(0, len(old), AT_ONCE):
            self._judge_some(learned, row, {one.address: one for one in old[at : at + AT_ONCE]}, happened)
        self._judged_anew = learned.digest

    def _judge_some(self, learned: Learned, row: BlockRow, live: dict[str, Alert], happened: Happened) -> None:
        names = sorted(live)
        states = self.book.states(names)
        opinion = learned.opinion(unpack(names, states).features())
        hashes = {name: live[name].transactions for name in names}
        scores = scores_of(row, names, opinion, learned.digest, hashes)
        alerts, ended = raised(self._chain, row, scores, opinion, learned, live, hashes, self._terms)
        block = replace(row, alerts=row.alerts + len(alerts))
        known = [state or b"" for state in states]
        happened.withdrawals += self.book.write(Entry(block, _touched(scores, known), alerts, ended))
        happened.alerts += alerts

    @property
    def _terms(self) -> Terms:
        return Terms(self._settings.life, self._settings.reasons)


def _touched(scores: Sequence[Score], states: Sequence[bytes]) -> list[Touched]:
    return [Touched(score, state) for score, state in zip(scores, states, strict=True)]
