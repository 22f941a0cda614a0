"""The folder of a node: what lies where, and whether a node runs in it.

node.toml            the settings
keys/operator.json   the key that signs the daily work, encrypted
keys/salt.json       32 bytes that a validator's salts are made from, encrypted in the same way
keys/owner.json      the owner's key, encrypted; may be kept elsewhere
keys/owner.address   or the owner's address alone, where its key is in a wallet of its own
journal.sqlite       what the node must remember across a kill
drafts/              content that is not published yet
.lock                held by the process that acts for the operator
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from web3 import Web3

from anomalyhive.atomic import appearing
from anomalyhive.content.locking import holding
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.node.config import CONFIG, expanded
from anomalyhive.node.keystore import address_in, read_key
from anomalyhive.node.locks import HOME_LOCK
from anomalyhive.node.passwords import Passwords

HOME_VARIABLE = "ANOMALYHIVE_HOME"
DEFAULT_HOME = Path("~/.anomalyhive")


@dataclass(frozen=True)
class NodeKeys:
    """What a running node needs of its keystores, 32 bytes each, never shown."""

    operator: bytes = field(repr=False)
    salt: bytes = field(repr=False)


class NodeHome:
    """Paths in a node's folder."""

    def __init__(self, root: Path) -> None:
        self.root = expanded(root).resolve()
        self.config = self.root / CONFIG
        self.keys = self.root / "keys"
        self.operator = self.keys / "operator.json"
        self.salt = self.keys / "salt.json"
        self.owner = self.keys / "owner.json"
        self.outside_owner = self.keys / "owner.address"
        self.journal = self.root / "journal.sqlite"
        self.drafts = self.root / "drafts"
        self.lock = self.root / HOME_LOCK

    def owner_address(self) -> str:
        """The owner's address, be its key here or outside. Raises BadSetting where neither is known."""
        if self.owner.exists():
            return address_in(self.owner)
        try:
            text = self.outside_owner.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(
                f"the owner is not known: restore {self.owner}, or write the owner's address into {self.outside_owner}"
            ) from error
        return checked_address(text, str(self.outside_owner))

    def name_outside_owner(self, address: str) -> None:
        """Remember the address of an owner whose key is not here."""
        try:
            self.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
            with appearing(self.outside_owner, 0o644) as file:
                file.write(address.encode() + b"\n")
        except OSError as error:
            raise Failure(f"{self.outside_owner} cannot be written ({error.strerror}): make room") from error

    def open_keys(self, passwords: Passwords) -> NodeKeys:
        """The keys that a running node needs."""
        password = passwords.known(self.operator)
        return NodeKeys(read_key(self.operator, password), read_key(self.salt, password))

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be the only process that acts for the operator. Raises BadSetting while another one does."""
        refusal = BadSetting(
            f"a node runs in {self.root}, and two processes would use a nonce of its operator twice: stop it first"
        )
        with holding(self.lock, refusal, mode=0o700):
            yield

    def runs(self) -> bool:
        """Whether a process acts for the operator now."""
        if not self.lock.exists():
            return False
        try:
            with self.held():
                return False
        except BadSetting:
            return True


def checked_address(text: str, where: str) -> str:
    """An address with its checksum. Raises BadSetting for what is none, or is mistyped."""
    digits = text.removeprefix("0x")
    if text.startswith("0x") and Web3.is_address(text.lower()):
        address = str(Web3.to_checksum_address(text.lower()))
        # In letters of one case there is no checksum (EIP-55).
        if text == address or digits in (digits.lower(), digits.upper()):
            return address
    raise BadSetting(f"{where} has {text[:60]!r}, which is no address: copy it again, 0x and 40 hexadecimal digits")
