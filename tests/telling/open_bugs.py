"""Marks tests that show a bug which is still there; whoever mends it takes the mark away."""

from __future__ import annotations

import pytest


def open_bug(cause: str, *, always: bool = True) -> pytest.MarkDecorator:
    """Expected to fail. `always`: it fails every time, so that passing is an error; else on some examples."""
    return pytest.mark.xfail(strict=always, reason=cause)
