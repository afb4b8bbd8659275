"""What holds for any input, tried on generated ones."""

from __future__ import annotations
