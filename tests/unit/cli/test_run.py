"""What every command makes of what goes wrong: an exit code and one message."""

from __future__ import annotations

import signal

import pytest

from anomalyhive import cli
from anomalyhive.cli import DEBUG_VARIABLE, Stopped
from anomalyhive.errors import AuditFailure, BadSetting, BadTable, ChainFailure, ContentMissing, Failure


def failing(error: BaseException) -> object:
    """An app whose command ends with an error."""

    def app(arguments: list[str], **how: object) -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (BadSetting("--nodes 0 is outside 1 to 1024"), 2, "error: --nodes 0 is outside 1 to 1024\n"),
        (BadTable("row 2"), 2, "error: row 2\n"),
        (ChainFailure("no chain"), 1, "error: no chain\n"),
        (ContentMissing(b"\x0a" * 32, "the store"), 1, f"error: block {'0a' * 32} is not in the store: restore it"),
        (AuditFailure("broken"), 1, "error: broken\n"),
        (Failure("a [/bold] path"), 1, "error: a [/bold] path\n"),
        (PermissionError(13, "Permission denied", "/x"), 1, "error: the system refused at /x: Permission denied\n"),
        (OSError("odd"), 1, "error: the system refused: odd\n"),
        (MemoryError(), 1, "error: there is not enough memory"),
        (KeyboardInterrupt(), 130, "error: interrupted: the same command goes on where it stopped\n"),
        (Stopped(signal.SIGTERM), 143, "error: stopped by SIGTERM: the same command goes on where it stopped\n"),
        (Stopped(signal.SIGHUP), 129, "error: stopped by SIGHUP: the same command goes on where it stopped\n"),
        (ZeroDivisionError("a bug"), 1, "error: unforeseen ZeroDivisionError: a bug (set ANOMALYHIVE_DEBUG=1"),
    ],
)
def test_run_of_a_command_that_fails_has_one_message_and_its_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    said: str,
) -> None:
    monkeypatch.setattr(cli, "assembled", lambda _: failing(error))
    monkeypatch.delenv(DEBUG_VARIABLE, raising=False)
    assert cli.run(["federate"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)
    assert err.count("\n") == 1


def test_run_with_the_debug_variable_raises_what_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "assembled", lambda _: failing(ZeroDivisionError("a bug")))
    monkeypatch.setenv(DEBUG_VARIABLE, "1")
    with pytest.raises(ZeroDivisionError):
        cli.run(["federate"])


@pytest.mark.parametrize("command", [[], ["federate"], ["score"], ["audit"]])
def test_run_of_help_describes_and_succeeds(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert cli.run([*command, "--help"]) == 0
    assert "Usage: anomalyhive" in capsys.readouterr().out
