"""`anomalyhive score --address`: an address's history, its row, and what a model of raw transactions says of it."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from eth_utils.address import is_checksum_address, to_checksum_address

from anomalyhive.cli.console import heading, note, plain
from anomalyhive.cli.console import out as screen
from anomalyhive.cli.history_progress import SearchBar
from anomalyhive.core.learner import Integers
from anomalyhive.errors import AnomalyHiveError, BadSetting
from anomalyhive.evaluation.scoring import PROBABILITY_BITS
from anomalyhive.federation.run_model import RunModel, Wishes
from anomalyhive.ingestion.evm.history import history_of
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.holes import lacking
from anomalyhive.raw.history import Account, account_in, account_of, chain_id_of
from anomalyhive.texts import counted
from anomalyhive.urls import mistaken, redact

HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{40}")

ANSWER_BYTES = 64 << 20
"""Of one answer of a node: a page of transactions, or a block; logs are asked for in smaller parts."""

REASONS = 6
"""Reasons that are given of an address, unless another number is asked for."""

WIDTH = 13
"""Characters before what is said of an address."""


def score_account(
    run: Path,
    model: str | None,
    address: str,
    source: str | None,
    blocks: range | None,
    wishes: Wishes,
    reasons: int | None,
) -> None:
    """Print what the model says of an address; REASONS if ``reasons`` is None and it has any.

    Raises BadInput, ChainFailure, ContentFailure.
    """
    account = parse_address(address)
    wishes.fractions()
    chosen = RunModel.open(run, model)
    _check_raw(chosen)
    found = _find(account, source, blocks, chosen.shards)
    _warn_of_chain(found, chosen.shards)
    if not len(found.events):
        note(
            f"{to_checksum_address(account)} has no transaction and no token transfer in the blocks "
            f"{found.first:,} to {found.stop - 1:,}: there is nothing to judge it by"
        )
        return
    _show(chosen, found, wishes, reasons)


def parse_address(text: str) -> str:
    """An address in lower case. Raises BadSetting for what is none, and for a wrong checksum (EIP-55)."""
    if not HEXADECIMAL.fullmatch(text):
        raise BadSetting(f"--address {text[:80]!r} is none: give 0x and 40 hexadecimal digits")
    digits = text[2:]
    if digits not in (digits.lower(), digits.upper()) and not is_checksum_address(text):
        raise BadSetting(
            f"--address {text} has a wrong checksum: see whether a digit is mistyped, or write it in lower case"
        )
    return text.lower()


def _check_raw(chosen: RunModel) -> None:
    """Raise BadSetting unless the model reads statistics as they are made of raw transactions."""
    if not chosen.raw:
        named = ", ".join(chosen.spec.columns[:3])
        raise BadSetting(
            f"--address goes with a model of raw transactions (federate --shards): that of {chosen.folder.root} reads "
            f"the columns of a table ({named[:80]}, …), so score a table with --data and --out"
        )


def _find(address: str, source: str | None, blocks: range | None, shards: Path | None) -> Account:
    """The history of the address, and a line on where it is from."""
    if source is not None and "://" in source:
        urls = [url.strip() for url in source.split(",") if url.strip()]
        with closing(JsonRpc(urls, limit=ANSWER_BYTES)) as client, SearchBar() as bar:
            told = history_of(client, address, blocks, bar)
        found, where = account_of(told), ", ".join(map(redact, urls))
        if told.set_aside:
            note(f"{told.set_aside:,} things are left out of the history, see above: the row is made without them")
    else:
        folder = _folder(source, shards)
        found, where = account_in(folder, address, blocks), str(folder)
        for lack in lacking(find_chunks(folder)):
            note(lack)
    chain = "" if found.chain_id is None else f" of chain {found.chain_id}"
    events = f"{counted(found.transactions, 'transaction')} and {counted(found.token_transfers, 'token transfer')}"
    note(f"{events} in the blocks {found.first:,} to {found.stop - 1:,}{chain}, from {where}")
    return found


def _folder(source: str | None, shards: Path | None) -> Path:
    if source is not None:
        if not source or not Path(source).is_dir():
            raise BadSetting(
                f"--source {mistaken(source)!r} is neither a folder nor a URL such as http://127.0.0.1:8545: name "
                "one of them"
            )
        return Path(source)
    if shards is None:
        raise BadSetting("the run does not say what chunks it learned from: name a node or a folder with --source")
    if not shards.is_dir():
        raise BadSetting(f"the chunks of the run are no longer in {shards}: name a node or a folder with --source")
    return shards


def _warn_of_chain(found: Account, shards: Path | None) -> None:
    """Say so where the model has learned from another chain than the history is of."""
    if shards is None or found.chain_id is None:
        return
    try:
        learned = chain_id_of(find_chunks(shards))
    except AnomalyHiveError:  # the chunks have gone or changed: then nothing is known
        return
    if learned is not None and learned != found.chain_id:
        note(
            f"warning: the model has learned from chain {learned}, and this history is of chain {found.chain_id}: "
            "what is common on one may be rare on the other"
        )


def _show(chosen: RunModel, found: Account, wishes: Wishes, reasons: int | None) -> None:
    """Probability, verdict, category and reasons of the address."""
    row = found.row(chosen.spec.columns, chosen.detectors)
    judge = chosen.judge
    lines: list[tuple[str, str]] = [("probability", _probability(chosen, row))]
    if wishes.any:
        (called,), rows = chosen.verdicts(row, wishes)
        lines.append(("verdict", f"{called}, by a threshold chosen on {rows:,} test rows"))
    if (named := judge.categories(row)) is not None:
        lines.append(("category", f"{named[0].name} ({named[0].probability / 2**PROBABILITY_BITS:.4f})"))
    texts = judge.reasons(row, REASONS) if reasons is None else chosen.reasons(row, reasons) if reasons else None
    lines += [("" if at else "reasons", text) for at, text in enumerate(texts[0] if texts else [])]
    heading(to_checksum_address(found.address))
    for name, text in lines:
        screen.print(plain(f"  {name:<{WIDTH}}{text}"), soft_wrap=True)
    if not found.transactions:
        note("it has no transaction, only token transfers, which anyone can send to anyone")
    if (label := chosen.label_of(found.address)) is not None:
        note(f"the model has learned from this very address, with {chosen.spec.label} {label}")


def _probability(chosen: RunModel, row: Integers) -> str:
    """The probability of what is looked for, and by which model."""
    judge = chosen.judge
    value = int(judge.learner.probabilities(judge.state, row)[0]) / 2**PROBABILITY_BITS
    how = "calibrated" if judge.calibrated else "not calibrated"
    return f"{value:.4f} that {chosen.spec.label} is {chosen.names[0]}, by the model of round {chosen.round}, {how}"
