"""Broken events, folders and streams, drawn at random: `bench/forwarder.py` tries 5,000 of them."""

from __future__ import annotations

import os
import random
from pathlib import Path

from bench.forwarder import hostile

RUNS = max(300, int(os.environ.get("LINEITEM_EXAMPLES", "0")))


def test_no_hostile_run_is_noticed(tmp_path: Path) -> None:
    assert [seed for seed in range(RUNS) if hostile(tmp_path, random.Random(seed))] == []
