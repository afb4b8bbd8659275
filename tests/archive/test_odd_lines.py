"""Whatever a client writes: what this lineitem reads of it, a pull takes in."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.archive.stores import all_of, pulled, pushed
from tests.telling.stores import Books

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.jsonl"))
ODD: tuple[Any, ...] = (
    10**30, -1, -(10**30), 2**63, 1.5, 1e300, True, None, "", "x" * 300, "\u202e\x00", [], {}, [1], {"a": 1},
    "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", "1969-12-31T00:00:00Z",
)  # fmt: skip


def bent(value: Any, chance: random.Random) -> Any:
    """The same with an odd value here and there."""
    if chance.random() < 0.02:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: bent(each, chance) for key, each in value.items()}
    return [bent(each, chance) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_odd_lines_come_back(tmp_path: Path, path: Path) -> None:
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    with Books(tmp_path) as store, Books() as empty:
        for seed in range(40):
            chance = random.Random(seed)
            file = tmp_path / "projects/-code-shop" / f"{seed:08d}-0000-4000-8000-000000000000.jsonl"
            file.parent.mkdir(parents=True, exist_ok=True)
            told = lines if not seed else [bent(line, chance) for line in lines]
            file.write_text("".join(json.dumps(line) + "\n" for line in told))
        store.read()
        assert pushed(store, tmp_path / "archive").problems == []
        assert pulled(empty, tmp_path / "archive").problems == []
        assert all_of(empty) == all_of(store)
