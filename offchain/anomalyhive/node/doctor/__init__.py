"""Why a node does not earn, in words: a table of checks, from the file of settings to the reward that waits."""

from anomalyhive.node.doctor.complaint import Complaint
from anomalyhive.node.doctor.examination import CHECKS, examine

__all__ = ["CHECKS", "Complaint", "examine"]
