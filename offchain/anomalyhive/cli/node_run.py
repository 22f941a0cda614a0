"""`anomalyhive node run`: the process of a node."""

from anomalyhive.node.running import run_node

__all__ = ["run_node"]
