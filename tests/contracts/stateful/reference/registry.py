"""NodeRegistry and the token, as the model sees them."""

from __future__ import annotations

from reference.part import PANIC_OVERFLOW, Part, refuse
from reference.state import NOBODY, Node

EXIT_DELAY = 7 * 24 * 3600
ALL_ROLES = 15


class Registry(Part):
    """Joining, changing and leaving."""

    def register(self, operator: str, roles: int, stake: int) -> None:
        """See INodeRegistry; so all of these."""
        self._check_roles(roles)
        self._check_operator(operator)
        number = len(self.state.nodes) + 1
        self._tell("NodeRegistered", number, self.sender, operator, roles, stake)
        self.pull(self.registry, stake)
        self.state.nodes[number] = Node(self.sender, stake, operator, roles)

    def add_stake(self, number: int, amount: int) -> None:
        node = self._staying(number)
        if amount == 0:
            refuse("ZeroAmount")
        stake = node.stake + amount
        if stake >= 2**256:
            refuse("Panic", PANIC_OVERFLOW)
        if stake >= 2**96:
            refuse("StakeTooLarge", stake)
        self._tell("StakeAdded", number, amount, stake)
        self.pull(self.registry, amount)
        node.stake = stake

    def set_roles(self, number: int, roles: int) -> None:
        node = self._staying(number)
        self._check_roles(roles)
        node.roles = roles
        self._tell("RolesSet", number, roles)

    def rotate_operator(self, number: int, operator: str) -> None:
        node = self._staying(number)
        self._check_operator(operator)
        self._tell("OperatorRotated", number, node.operator, operator)
        node.operator = operator

    def request_exit(self, number: int) -> None:
        node = self._staying(number)
        node.exit_at = self.time + EXIT_DELAY
        self._tell("ExitRequested", number, node.exit_at)

    def withdraw(self, number: int) -> None:
        node = self._owned(number)
        if node.exit_at == 0:
            refuse("NotExiting", number)
        if node.operator == NOBODY:
            refuse("AlreadyWithdrawn", number)
        if self.time < node.exit_at:
            refuse("ExitTooEarly", number, node.exit_at)
        if held := self.state.held(number):
            refuse("StillHolding", number, held)
        stake, node.stake, node.operator = node.stake, 0, NOBODY
        self._tell("StakeWithdrawn", number, self.sender, stake)
        self.move(self.registry, self.sender, stake)

    def slash(self, number: int, amount: int) -> int:
        """By the hive only; what was burned."""
        if self.sender != self.hive:
            refuse("NotHive", self.sender)
        return self.burn_stake(number, amount)

    def burn_stake(self, number: int, amount: int) -> int:
        """What the hive's call of `slash` does."""
        node = self.state.nodes[number]
        burned = min(amount, node.stake)
        node.stake -= burned
        self._tell("NodeSlashed", number, burned, node.stake)
        if burned:
            self.move(self.registry, NOBODY, burned)
        return burned

    # The token

    def transfer(self, taker: str, amount: int) -> None:
        """A plain transfer, past `fund` and `addStake`."""
        self.move(self.sender, taker, amount)

    # Internals

    def _tell(self, name: str, *values: object) -> None:
        self.emit(name, *values, emitter="registry")

    def _owned(self, number: int) -> Node:
        if number not in self.state.nodes:
            refuse("UnknownNode", number)
        node = self.state.nodes[number]
        if node.owner != self.sender:
            refuse("NotOwner", number, self.sender)
        return node

    def _staying(self, number: int) -> Node:
        node = self._owned(number)
        if node.exit_at:
            refuse("Exiting", number, node.exit_at)
        return node

    def _check_operator(self, operator: str) -> None:
        if operator == NOBODY:
            refuse("ZeroOperator")
        if other := self.state.node_of.get(operator):
            refuse("OperatorInUse", operator, other)

    @staticmethod
    def _check_roles(roles: int) -> None:
        if not 1 <= roles <= ALL_ROLES:
            refuse("InvalidRoles", roles)
