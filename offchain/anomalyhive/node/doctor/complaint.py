"""What a check finds wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Complaint:
    """``says`` is what is wrong, ``remedy`` what to do about it, or empty where ``says`` has both."""

    says: str
    remedy: str = ""
