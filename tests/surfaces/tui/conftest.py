"""One ledger for all tests that only look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.surfaces.tui.stage import told

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example's ledger."""
    folder = tmp_path_factory.mktemp("dashboard")
    told(folder)
    return folder
