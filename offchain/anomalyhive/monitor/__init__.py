"""The watch: follows the head of a chain, scores every address that a block touches, and raises alerts.

A `Watch` does one `step` at a time, so that a command, a node's role or a test can drive it. Everything but its folder,
its source and its clock comes as argument:

    watch = Watch.open(folder, chain, source, models, settings)
    with closing(watch):
        while ...:
            happened = watch.step()

    Watch.open(folder: Path, chain: Chain, source: Source, models: Models, settings: WatchSettings) -> Watch
    Watch.step(until: int | None = None) -> Happened    follows at most ``settings.most`` blocks, none above ``until``;
                                                        it never waits for a block to come
    Watch.posted(alert_id, transaction)    notes that an alert stands on a chain
    Watch.close()

``models`` is `RunModels` or `HiveModels` (`monitor.models`). ``Happened`` says what a step did: ``blocks`` (BlockRow of
each block followed), ``alerts`` (raised or renewed, or live again after a reorganisation), ``withdrawals``,
``rolled_back`` (the number of the last block that stayed, or None), ``head`` (the number of the chain's last block as
the source says), ``problems`` (words on what is tried again) and ``idle`` (nothing to do until a next block). All of
it is in the book when `step` returns: alerts and withdrawals of a step are in `outgoing`, too.

Who tells others of alerts reads them with `Outgoing` (`monitor.outgoing`), by a cursor of its own; who shows them, with
`WatchReader` (`monitor.reading`). Both work while the watch runs, in another thread or process.
"""

from anomalyhive.monitor.alert import Alert, Withdrawal
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.entries import BlockRow, Entry, Score, Touched
from anomalyhive.monitor.outgoing import Outgoing
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.watch import Happened, Watch, WatchSettings

__all__ = [
    "Alert",
    "BlockRow",
    "Book",
    "Entry",
    "Happened",
    "Outgoing",
    "Score",
    "Touched",
    "Watch",
    "WatchReader",
    "WatchSettings",
    "Withdrawal",
]
