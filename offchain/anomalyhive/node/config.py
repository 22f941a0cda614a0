"""What a node is told: a commented TOML file in its home, and environment variables that win over it.

A key that is unknown and a value that cannot be used are refused, with the file, the line, and what to write instead.
The file holds no secret: keys are in the keystore, passwords in neither.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from anomalyhive.chain.views import Role
from anomalyhive.errors import BadSetting
from anomalyhive.jsontext import check_depth
from anomalyhive.node.monitoring.settings import (
    MONITOR,
    TABLE,
    WEBHOOKS,
    MonitorConfig,
    check_hooks,
    with_paths,
)
from anomalyhive.node.monitoring.settings import NAMES as MONITOR_NAMES
from anomalyhive.node.readings import Unusable
from anomalyhive.node.settings import NAMES, REQUIRED, SETTINGS, Setting
from anomalyhive.node.tomllines import TOML, Places, lines_of, nested_lines

CONFIG = "node.toml"

LARGEST = 1 << 20
"""Bytes of a file that is read; a real one has a few thousand."""

SECRETS = ("password", "private", "secret", "mnemonic", "keystore")
"""What a key that asks for a secret has in its name."""


@dataclass(frozen=True)
class NodeConfig:
    """The settings of a node, as `settings.SETTINGS` describes them; all paths are absolute.

    ``store`` is ``directory:PATH`` or a multiaddr. Fees are wei for a unit of gas. ``endpoints`` may hold API keys, so
    they are not shown with the rest.
    """

    home: Path
    endpoints: tuple[str, ...] = field(repr=False)
    chain_id: int
    confirmations: int
    max_fee_wei: int
    max_tip_wei: int
    deployment: Path
    roles: frozenset[Role]
    keeper: bool
    tasks: tuple[int, ...]
    shard: int | None
    seat: int | None
    store: str
    rows: Path | None
    claim_every: int
    listen: tuple[str, int] | None
    log_format: Literal["text", "json"]
    poll_seconds: float
    keep_models: int
    monitor: MonitorConfig | None = None

    @classmethod
    def read(cls, home: Path, environ: Mapping[str, str] | None = None) -> NodeConfig:
        """The settings of the node whose home this is. Raises BadSetting, which names file and line or the variable.

        ``environ`` stands for the process's environment.
        """
        home = expanded(home).resolve()
        file = home / CONFIG
        text = _text(file)
        values = _parsed(file, text)
        places = lines_of(text)
        _refuse_unknown(file, values, places)
        environ = os.environ if environ is None else environ
        found = {one.name: _value(one, file, values, places, environ) for one in SETTINGS}
        if found["max_tip_wei"] > found["max_fee_wei"]:
            place = _place(_named("max_tip_wei"), file, places, environ)
            raise BadSetting(
                f"{place}: max_tip_wei is {found['max_tip_wei']}, more than max_fee_wei, which is "
                f"{found['max_fee_wei']}: the tip is a part of the fee, so write less"
            )
        monitor = _monitor(home, file, text, values[TABLE], environ) if TABLE in values else None
        return cls(home=home, **_with_paths(home, found), monitor=monitor)


def expanded(path: Path) -> Path:
    """The path with the user's folder in place of ``~``. Raises BadSetting where there is no such user."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise BadSetting(f"path {str(path)!r} begins with a user who is not known: write the path in full") from error


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise BadSetting(f"there is no {file}: make a node with `anomalyhive node init`, or name its --home") from error
    except OSError as error:
        raise BadSetting(f"{file} cannot be read ({error.strerror}): see who owns it") from error
    if len(content) > LARGEST:
        raise BadSetting(f"{file} has more than {LARGEST} bytes: it is no file of settings")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadSetting(f"{file}, line {line}: a character is not UTF-8: save the file in that encoding") from error


def _parsed(file: Path, text: str) -> Mapping[str, Any]:
    try:
        check_depth(text.encode())
        found: Mapping[str, Any] = TOML.loads(text)
    except TOML.TOMLDecodeError as error:
        line, words = _told(str(error), text)
        raise BadSetting(
            f"{file}, line {line}: {words}: write NAME = VALUE, with text in quotes and lists in [brackets]"
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, or as many brackets
        raise BadSetting(f"{file} has a value that is too long or too deep: no setting needs such a one") from error
    return found


def _told(message: str, text: str) -> tuple[int, str]:
    """The line of a syntax error, and what is wrong there, from the parser's own words."""
    match = re.fullmatch(r"(.*) \(at (?:line ([0-9]+), column [0-9]+|end of document)\)", message, re.DOTALL)
    if match is None:
        return 1, message
    return int(match.group(2)) if match.group(2) else text.rstrip("\n").count("\n") + 1, match.group(1)


def _refuse_unknown(file: Path, values: Mapping[str, Any], places: Places) -> None:
    for name in sorted(values, key=lambda one: places.get(one, (1,))):
        if name in NAMES or name == TABLE:
            continue
        near = difflib.get_close_matches(name, NAMES, 1)
        # Mistyped too: who meant a password is not told the names of other settings.
        if any(word in name.lower() for word in SECRETS) or difflib.get_close_matches(name.lower(), SECRETS, 1, 0.8):
            instead = "keys are kept by `anomalyhive node init`, and a password is never written here: take it out"
        elif near:
            instead = f"did you mean {near[0]}?"
        else:
            instead = f"the settings are {', '.join(NAMES)}"
        # The name alone, never the value: it may be a secret in the wrong place.
        raise BadSetting(f"{file}, line {places.get(name, (1,))[0]}: there is no setting {name[:60]!r}: {instead}")


def _value(one: Setting, file: Path, values: Mapping[str, Any], places: Places, environ: Mapping[str, str]) -> Any:
    if one.variable in environ:
        given = one.reading.of_text(environ[one.variable])
    elif one.name in values:
        given = values[one.name]
    elif one.default is REQUIRED:
        raise BadSetting(f"{file} lacks a line `{one.name} = …`: {_instead(one)}")
    else:
        return one.default
    try:
        return one.reading.of_value(given)
    except Unusable as error:
        place = _place(one, file, places, environ, error.element)
        raise BadSetting(f"{place}: {one.name} has {error.shown}: {error.instead}") from error


def _instead(one: Setting) -> str:
    """What to write where a setting is missing: the words that refuse a value of no kind."""
    try:
        one.reading.of_value(object())
    except Unusable as error:
        return error.instead
    raise AssertionError(f"{one.name} reads anything")


def _named(name: str) -> Setting:
    return next(one for one in SETTINGS if one.name == name)


def _place(one: Setting, file: Path, places: Places, environ: Mapping[str, str], element: int | None = None) -> str:
    """Where a value was given: the variable, or file and line; for an element of a list, its own line."""
    if one.variable in environ:
        return f"environment variable {one.variable}"
    lines = places.get(one.name)
    if lines is None:
        return f"{file}, where {one.name} is left out"
    at = 0 if element is None else min(element + 1, len(lines) - 1)
    return f"{file}, line {lines[at]}"


def _monitor(home: Path, file: Path, text: str, table: Any, environ: Mapping[str, str]) -> MonitorConfig:
    """The settings of the monitor, from their table."""
    places = nested_lines(text)
    where = f"{file}, line {places.get(TABLE, 1)}"
    if not isinstance(table, Mapping):
        raise BadSetting(f"{where}: monitor is no table: write [monitor], and its settings below")
    for name in table:
        if name not in (*MONITOR_NAMES, WEBHOOKS):
            near = difflib.get_close_matches(name, MONITOR_NAMES, 1)
            instead = f"did you mean {near[0]}?" if near else f"its settings are {', '.join(MONITOR_NAMES)}"
            line = places.get(f"{TABLE}.{name}", places.get(TABLE, 1))
            raise BadSetting(f"{file}, line {line}: [monitor] has no setting {name[:60]!r}: {instead}")
    lines: Places = {name: (places.get(f"{TABLE}.{name}", places.get(TABLE, 1)),) for name in table}
    values = {one.name: _value(one, file, table, lines, environ) for one in MONITOR}
    hooks = check_hooks(table.get(WEBHOOKS, []), f"{file}, line {places.get(f'{TABLE}.{WEBHOOKS}', 1)}")
    return with_paths({**values, WEBHOOKS: hooks}, lambda path: home / expanded(Path(path)))


def _with_paths(home: Path, found: Mapping[str, Any]) -> dict[str, Any]:
    """The values with their relative paths made absolute."""
    values = dict(found)
    for name in ("deployment", "rows"):
        if values[name] is not None:
            values[name] = home / expanded(Path(values[name]))
    if values["store"].startswith("directory:"):
        values["store"] = f"directory:{home / expanded(Path(values['store'].removeprefix('directory:')))}"
    return values
