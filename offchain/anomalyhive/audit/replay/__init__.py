"""The state of the three contracts, rebuilt from their events alone and held against the rules of the protocol."""

from anomalyhive.audit.replay.engine import replay
from anomalyhive.audit.replay.state import Hive, Node, Round, Slot, Task

__all__ = ["Hive", "Node", "Round", "Slot", "Task", "replay"]
