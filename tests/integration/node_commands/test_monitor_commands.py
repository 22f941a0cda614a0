"""What the owner of a monitor asks: how it stands, what is wrong, what was not delivered, whether its log holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.monitor.messages import put, raised, withdrawn
from tests.unit.monitor.watchbooks import entry
from tests.unit.monitor.webhooks.receiver import Receiver, answers, receiving

from anomalyhive.monitor.alertlog import CONSUMER, AlertLog
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.outgoing import Outgoing
from anomalyhive.monitor.webhooks import DeadLetter, DeadLetters

from .hives import Command, Made
from .watching import Watched

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that does not like the second message."""
    with receiving(answers(200), answers(503)) as made:
        yield made


@pytest.fixture
def monitor(watched: Watched, receiver: Receiver, tmp_path: Path) -> Iterator[Made]:
    """A monitor with a watch, a webhook, and two dead letters."""
    made, folder = watched.monitors[0], tmp_path / "watch"
    settings = made.home / "node.toml"
    before = settings.read_text()
    (tmp_path / "ops.secret").write_text(SECRET)
    (tmp_path / "ops.secret").chmod(0o600)
    settings.write_text(
        f'{before}\n[monitor]\nfeed = "{watched.feed.address}"\nfolder = "{folder}"\ntask = 1\n'
        f'[[monitor.webhooks]]\nname = "ops"\nurl = "{receiver.url}"\nsecret_file = "{tmp_path / "ops.secret"}"\n'
    )
    with Book.open(folder, 1) as book:
        book.begin(100)
        book.write(entry(100))
    put(folder, raised(1), withdrawn(2, 1))
    with closing(Outgoing(folder, CONSUMER)) as queue, AlertLog(folder / "alerts.jsonl") as log:
        log.follow(queue)
    for message in (raised(1), withdrawn(2, 1)):
        DeadLetters(folder, "ops").add(DeadLetter(message, 1_700_000_000, 12, "HTTP status 500"))
    yield made
    settings.write_text(before)


def said(command: Command, made: Made) -> dict[str, list[str]]:
    """What the doctor finds, by the check that finds it."""
    found: dict[str, list[str]] = {}
    for one in json.loads(command("doctor", "--json", "--home", made.home).out):
        found.setdefault(one["check"], []).append(one["says"] + " → " + one["remedy"])
    return found


def test_status_shows_watch_webhook_and_feed(command: Command, watched: Watched, monitor: Made) -> None:
    watched.say(1, 2, posts=(0,))
    shown = command("node", "status", "--home", monitor.home).succeeded()
    assert "followed up to block 100 of" in shown
    assert "webhook ops: 2 dead letters" in shown
    assert f"feed {watched.feed.address}: post 0" in shown
    assert "alerts posted 2, stood 0, retracted 0, overturned 0" in shown
    told = json.loads(command("node", "status", "--json", "--home", monitor.home).out)["monitor"]
    assert (told["block"], told["dead_letters"], told["feed"]["post"], told["feed"]["owed"]) == (
        100,
        {"ops": 2},
        0,
        "0",
    )


def test_dead_letters_are_shown_with_their_reason(command: Command, monitor: Made) -> None:
    shown = command("node", "dead-letters", "--home", monitor.home).succeeded()
    assert "Webhook ops: 2 dead letters" in shown
    assert "after 12 tries: HTTP status 500" in shown
    told = json.loads(command("node", "dead-letters", "--json", "--home", monitor.home).out)
    assert [one["message"]["seq"] for one in told["ops"]] == [1, 2]


def test_redeliver_sends_them_and_says_what_is_left(command: Command, monitor: Made, receiver: Receiver) -> None:
    done = command("node", "redeliver", "ops", "--home", monitor.home)
    assert done.code == 1
    assert "1 was not" in done.err
    assert "HTTP status 503" in done.err
    assert "hush" not in done.out + done.err
    assert len(receiver.received) == 2
    again = command("node", "redeliver", "ops", receiver.ids[1], "--home", monitor.home)
    assert "1 message was taken" in again.succeeded()
    assert "no dead letter" in command("node", "status", "--home", monitor.home).succeeded()


def test_redeliver_of_a_webhook_that_is_not_there_names_those_that_are(command: Command, monitor: Made) -> None:
    done = command("node", "redeliver", "other", "--home", monitor.home)
    assert (done.code, "the settings name ops" in done.err) == (2, True)


def test_verify_log_says_whether_it_holds(command: Command, monitor: Made, tmp_path: Path) -> None:
    assert "holds: 2 lines" in command("node", "verify-log", "--home", monitor.home).succeeded()
    log = tmp_path / "watch" / "alerts.jsonl"
    log.write_text(log.read_text().replace("phishing", "exchange"))
    done = command("node", "verify-log", log, "--home", monitor.home)
    assert done.code == 1
    assert "does not hold in line 2" in done.err


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """The folder of a watch without a node, with two dead letters of a webhook."""
    with Book.open(tmp_path / "alone", 1):
        pass
    for message in (raised(1), withdrawn(2, 1)):
        DeadLetters(tmp_path / "alone", "ops").add(DeadLetter(message, 1_700_000_000, 12, "HTTP status 500"))
    return tmp_path / "alone"


def test_dead_letters_of_a_watch_without_a_node_are_shown_and_sent_again(
    command: Command, alone: Path, receiver: Receiver
) -> None:
    shown = command("node", "dead-letters", "--watch", alone).succeeded()
    assert "Webhook ops: 2 dead letters" in shown
    sent = ("node", "redeliver", "ops", "--watch", alone, "--webhook", f"ops={receiver.url}")
    command(*sent).refused(2, "ANOMALYHIVE_WEBHOOK_SECRET")
    command(*sent, ANOMALYHIVE_WEBHOOK_SECRET=SECRET).refused(1, "1 was not", "HTTP status 503")
    assert len(receiver.received) == 2
    assert "1 message was taken" in command(*sent, ANOMALYHIVE_WEBHOOK_SECRET=SECRET).succeeded()
    told = json.loads(command("node", "dead-letters", "--watch", alone, "--json").out)
    assert told == {"ops": []}


def test_redeliver_of_an_id_that_is_of_no_dead_letter_sends_nothing(
    command: Command, alone: Path, receiver: Receiver
) -> None:
    (first, _) = DeadLetters(alone, "ops").all()
    sent = ("node", "redeliver", "ops", first.name, "mistyped", "--watch", alone, "--webhook", f"ops={receiver.url}")
    command(*sent, ANOMALYHIVE_WEBHOOK_SECRET=SECRET).refused(2, "'mistyped' is the id of no dead letter")
    assert receiver.received == []
    assert DeadLetters(alone, "ops").count() == 2


def test_redeliver_of_a_watch_names_what_is_missing(command: Command, alone: Path, tmp_path: Path) -> None:
    named = ("--webhook", "other=http://127.0.0.1:1/")
    environ = {"ANOMALYHIVE_WEBHOOK_SECRET": SECRET}
    command("node", "redeliver", "ops", "--watch", alone).refused(2, "no webhook 'ops': --webhook names none")
    command("node", "redeliver", "ops", "--watch", alone, *named, **environ).refused(2, "--webhook names other")
    command("node", "redeliver", "ops", *named, "--home", tmp_path, **environ).refused(2, "--webhook is for --watch")
    for words in (("dead-letters",), ("redeliver", "other", *named)):
        command("node", *words, "--watch", tmp_path, **environ).refused(2, "not the folder of a watch")
    assert not (tmp_path / "dead-letters").exists()


def test_commands_of_a_node_without_a_monitor_say_so(command: Command, watched: Watched) -> None:
    done = command("node", "dead-letters", "--home", watched.monitors[1].home)
    assert (done.code, "has no [monitor] in its settings" in done.err) == (2, True)


def test_doctor_names_dead_letters_and_nothing_else_of_the_watch(command: Command, monitor: Made) -> None:
    found = said(command, monitor)
    assert "the webhook ops did not take 2 messages" in found["webhooks_work"][0]
    assert not {"watch_is_told", "watch_keeps_up", "post_is_held"} & found.keys()
    assert not any("earn nothing" in one for one in found.get("roles_agree", []))


def test_doctor_names_a_secret_that_others_can_read(command: Command, monitor: Made, tmp_path: Path) -> None:
    (tmp_path / "ops.secret").chmod(0o644)
    assert any("can be read by others" in one for one in said(command, monitor)["webhooks_work"])
    (tmp_path / "ops.secret").unlink()
    assert any("cannot be read" in one for one in said(command, monitor)["webhooks_work"])


def test_doctor_names_a_post_that_is_lost(command: Command, watched: Watched, monitor: Made) -> None:
    watched.feed.release_post(monitor.operator, 0)
    [found] = said(command, monitor)["post_is_held"]
    assert f"the node holds no post of the feed {watched.feed.address}, and post 0 is free" in found


def test_doctor_names_what_is_no_feed(command: Command, watched: Watched, monitor: Made) -> None:
    settings = monitor.home / "node.toml"
    settings.write_text(settings.read_text().replace(watched.feed.address, watched.play.hive.contracts.hive.address))
    assert "no AlertFeed of this version" in said(command, monitor)["post_is_held"][0]


def test_doctor_names_a_role_without_its_table_and_a_table_without_its_role(
    command: Command, watched: Watched, monitor: Made
) -> None:
    assert "watches nothing without [monitor]" in said(command, watched.monitors[1])["watch_is_told"][0]
    settings = monitor.home / "node.toml"
    settings.write_text(settings.read_text().replace('roles = ["monitor"]', 'roles = ["train"]'))
    assert "the node has not the role" in said(command, monitor)["watch_is_told"][0]


def test_doctor_names_a_source_of_another_chain(command: Command, watched: Watched, monitor: Made) -> None:
    settings = monitor.home / "node.toml"
    url = watched.play.hive.chain.url
    settings.write_text(settings.read_text().replace("\ntask = 1\n", f'\ntask = 1\nsource = ["{url}"]\n'))
    assert "is of chain 31337, and chain 1 is watched" in said(command, monitor)["watch_keeps_up"][0]
