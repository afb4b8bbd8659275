"""The corpus maker: the same bytes everywhere, and totals that an independent reader finds as well."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from bench.corpus import make
from bench.draws import Curve

if TYPE_CHECKING:
    from pathlib import Path

#: all files of the corpus of 1 MB with seed 1, names and contents; changes when the corpus is meant to change
FINGERPRINT = "548a89fe645d79c448653bd07a1f43b93a3158f1d73ae13ff996fbfd1dab4b6b"

#: dollars per million tokens: input, output, write 5m, write 1h, read
PRICES = {
    "claude-opus-4-8": (5, 25, 6.25, 10, 0.5),
    "claude-opus-5": (5, 25, 6.25, 10, 0.5),
    "claude-sonnet-5": (2, 10, 2.5, 4, 0.2),
    "claude-fable-5-1": (10, 50, 12.5, 20, 0.25),
    "claude-haiku-4-5-20251001": (1, 5, 1.25, 2, 0.1),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("corpus")
    make(str(out), mb=1, seed=1)
    return out


def fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def requests(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Every request once, read plainly: of all its lines, in all files, the one with the most output."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in sorted((folder / "projects").rglob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # a file that ends in half a line
            if entry["type"] != "assistant" or entry["message"]["model"] == "<synthetic>":
                continue
            message = entry["message"]
            key = message["id"], entry["requestId"]
            if key not in found or message["usage"]["output_tokens"] > found[key]["usage"]["output_tokens"]:
                found[key] = message
    return found


def counts(usage: dict[str, Any]) -> list[int]:
    split = usage["cache_creation"]
    return [
        usage["input_tokens"],
        usage["output_tokens"],
        split["ephemeral_5m_input_tokens"],
        split["ephemeral_1h_input_tokens"],
        usage["cache_read_input_tokens"],
    ]


def test_the_same_arguments_give_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    make(str(tmp_path), mb=1, seed=1)
    assert fingerprint(tmp_path) == fingerprint(corpus)


def test_the_bytes_are_those_of_every_other_machine(corpus: Path) -> None:
    assert fingerprint(corpus) == FINGERPRINT


def test_another_seed_gives_another_corpus(corpus: Path, tmp_path: Path) -> None:
    make(str(tmp_path), mb=1, seed=2)
    assert fingerprint(tmp_path) != fingerprint(corpus)


def test_an_independent_reader_finds_the_expected_totals(corpus: Path) -> None:
    expected = json.loads((corpus / "expected.json").read_text())
    found = requests(corpus)
    totals, nanos = [0] * 5, 0
    for message in found.values():
        row = counts(message["usage"])
        totals = [total + count for total, count in zip(totals, row, strict=True)]
        prices = PRICES[message["model"]]
        nanos += sum(count * int(price * 1_000) for count, price in zip(row, prices, strict=True))
    names = ("input", "output", "cacheWrite5m", "cacheWrite1h", "cacheRead")
    assert totals == [expected["tokens"][name] for name in names]
    assert nanos == expected["loggedNanos"]
    assert len(found) == expected["requests"]
    assert expected["costNanos"] == nanos + expected["unloggedNanos"]


@pytest.mark.parametrize("table", ["models", "days"])
def test_the_parts_sum_to_the_whole(corpus: Path, table: str) -> None:
    expected = json.loads((corpus / "expected.json").read_text())
    for name in ("input", "output", "cacheCreation", "cacheRead", "costNanos"):
        assert sum(row[name] for row in expected[table].values()) == expected["tokens"][name]


def test_even_a_small_corpus_has_copies_agents_and_half_lines(corpus: Path) -> None:
    made = json.loads((corpus / "expected.json").read_text())["counts"]
    assert {name for name in ("copiesCutWithinAnAnswer", "agents", "halfLines") if made.get(name)} == {
        "copiesCutWithinAnAnswer",
        "agents",
        "halfLines",
    }
    assert made["bytes"] == pytest.approx(1_000_000, rel=0.1)


def test_a_curve_goes_through_its_quantiles() -> None:
    curve = Curve(10, p50=100, p90=1_000, top=2_000)
    assert [curve.at(share) for share in (0, 32_768, 58_982, 65_535)] == [10, 100, 1_000, 1_999]
    assert all(curve.at(share) <= curve.at(share + 1) for share in range(0, 65_535, 97))
