"""The contracts on Anvil."""

from tests.unit.chain.conftest import anvil as anvil
