"""Where a password comes from, in which order, and that a wrong source is named without showing the password."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.node.passwords import Passwords, ask_hidden

FILE = Path("/home/node/keys/operator.json")


def nobody(prompt: str) -> str:
    raise AssertionError("nobody is to be asked")


def typing(*answers: str) -> Passwords:
    left = list(answers)
    return Passwords({}, lambda _: left.pop(0))


def test_known_takes_variable_before_file_before_prompt(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("of the file\nanother line\n")
    both = {"ANOMALYHIVE_PASSWORD": "of the variable", "ANOMALYHIVE_PASSWORD_FILE": str(file)}
    assert Passwords(both, nobody).known(FILE) == "of the variable"
    del both["ANOMALYHIVE_PASSWORD"]
    assert Passwords(both, nobody).known(FILE) == "of the file"
    assert typing("typed").known(FILE) == "typed"


def test_known_of_owner_takes_own_variable_first() -> None:
    environ = {"ANOMALYHIVE_PASSWORD": "of the operator", "ANOMALYHIVE_OWNER_PASSWORD": "of the owner"}
    both = Passwords(environ, nobody)
    assert (both.known(FILE), both.known(FILE, owner=True)) == ("of the operator", "of the owner")
    assert not both.shared()
    one = Passwords({"ANOMALYHIVE_PASSWORD": "of the operator"}, nobody)
    assert one.known(FILE, owner=True) == "of the operator"
    assert one.shared()


def test_new_asks_twice_and_refuses_what_differs_or_is_short() -> None:
    assert typing("long enough", "long enough").new(FILE) == "long enough"
    with pytest.raises(BadSetting, match="differ"):
        typing("long enough", "long enouhg").new(FILE)
    with pytest.raises(BadSetting, match="fewer than 8"):
        typing("short", "short").new(FILE)
    with pytest.raises(BadSetting, match="fewer than 8") as caught:
        Passwords({"ANOMALYHIVE_PASSWORD": "hunter2"}, nobody).new(FILE)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\nsecond line", b"\xffhunter2", b"hunter2" * 1000])
def test_known_of_unusable_file_names_it_and_shows_nothing_of_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(BadSetting) as caught:
        Passwords({"ANOMALYHIVE_PASSWORD_FILE": str(file)}, nobody).known(FILE)
    assert str(file) in str(caught.value)
    assert "ANOMALYHIVE_PASSWORD_FILE" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_known_of_missing_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"none, which ANOMALYHIVE_PASSWORD_FILE names, cannot be read"):
        Passwords({"ANOMALYHIVE_PASSWORD_FILE": str(tmp_path / "none")}, nobody).known(FILE)


def test_ask_hidden_without_terminal_names_the_variables() -> None:
    with pytest.raises(BadSetting, match="ANOMALYHIVE_PASSWORD, or name a file"):
        ask_hidden("Password: ")
