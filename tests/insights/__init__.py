"""What stands out: laws of the figures, scenes for the rules."""

from __future__ import annotations
