"""lineitem: an itemised bill for every Claude Code session."""

from __future__ import annotations

__version__ = "0.1.0"
