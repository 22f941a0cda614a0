"""Alerts and withdrawals, and the file of a watch with them in its queue."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from anomalyhive.monitor.alert import Alert, Withdrawal
from anomalyhive.monitor.outgoing import Message
from anomalyhive.monitor.schema import FILE, connect, create

RAISED = 1_700_000_000


def alert(number: int) -> Alert:
    """An alert about an address of its own."""
    return Alert(
        chain_id=31337,
        address=f"0x{number:040x}",
        block_number=number,
        block_hash=f"0x{number:064x}",
        transactions=(f"0x{number:064x}",),
        probability_bp=9000,
        category="phishing",
        category_index=1,
        reasons=("sends at once what it receives",),
        model="ab" * 32,
        round=1,
        raised_at=RAISED,
        expires_at=RAISED + 3600,
    )


def raised(seq: int) -> Message:
    """The message of an alert."""
    return Message(seq, alert(seq).id, "alert", alert(seq).to_json())


def withdrawn(seq: int, of: int) -> Message:
    """The message of a withdrawal."""
    said = Withdrawal(alert(of).id, RAISED + seq, "orphaned")
    return Message(seq, said.id, "withdrawal", said.to_json())


def put(folder: Path, *messages: Message) -> Path:
    """Add messages to the queue of a folder, which is made a watch's if it is none; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / FILE).exists():
        create(folder / FILE)
    with closing(connect(folder, writing=True)) as database:
        rows = [(one.seq, one.id, one.kind, one.body) for one in messages]
        database.executemany("INSERT INTO outgoing VALUES (?, ?, ?, ?)", rows)
    return folder
