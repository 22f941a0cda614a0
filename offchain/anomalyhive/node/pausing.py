"""Roles that a node rests in: a file in its home, which its loop looks at before it begins anything.

What was begun is ended all the same: a trainer still publishes what it submitted, and a validator that committed still
reveals and attests, for it would be slashed otherwise. Slots stay held, but a task may free one that misses too many
rounds.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from anomalyhive.atomic import appearing
from anomalyhive.chain.views import Role
from anomalyhive.content.locking import holding
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.jsontext import loads

PAUSED, CHANGING = "paused.json", ".paused.lock"

LARGEST = 1 << 10
"""Bytes of the file that are read; four names have some forty."""


def paused_roles(home: Path) -> frozenset[Role]:
    """The roles that rest. Raises BadSetting for a file that does not say."""
    path = home / PAUSED
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise BadSetting(f"{path} cannot be read ({error.strerror}): see who owns it") from error
    try:
        names = loads(text)
        if len(text) > LARGEST or not isinstance(names, list):
            raise ValueError("it is no list")
        return frozenset(Role[name.upper()] for name in names)
    except (ValueError, KeyError, AttributeError) as error:
        raise BadSetting(
            f'{path} does not say which roles rest: write a list such as ["train"], or remove the file'
        ) from error


def set_paused(home: Path, role: Role, paused: bool) -> frozenset[Role]:
    """Let a role rest or go on; the roles that rest now. Raises BadSetting, Failure."""
    with holding(home / CHANGING, BadSetting(f"{home / PAUSED} is being changed: try again")):
        before = paused_roles(home)
        after = before | {role} if paused else before - {role}
        if after != before:
            _write(home / PAUSED, after)
    return frozenset(after)


def _write(path: Path, roles: Collection[Role]) -> None:
    try:
        with appearing(path, 0o600) as file:
            file.write(json.dumps(sorted(role.name.lower() for role in roles)).encode() + b"\n")
    except OSError as error:
        raise Failure(f"{path} cannot be written ({error.strerror}): make room, or see who owns the folder") from error
