"""The statusline's figures become a snapshot: every one may be missing, money is exact."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as draws

from lineitem.core.live import Snapshot
from lineitem.sources.statusline import decode
from lineitem_hook.allow import status_record
from lineitem_hook.members import Number
from lineitem_hook.told import scaled
from tests.hook.samples import CANARY, SESSION, encoded, status
from tests.hook.test_events import KEY, NOW, VALUES
from tests.laws.examples import examples

FIELDS = draws.sampled_from(["cost", "context_window", "rate_limits", "prompt_cache", "model", "prompt_id", "cwd"])


def test_a_snapshot_holds_all_figures() -> None:
    assert decode(encoded(status()), NOW) == Snapshot(
        session=SESSION,
        at=NOW,
        model="claude-opus-5-5",
        prompt="p-1",
        nanos=152_351_600,
        api_ms=9000,
        context=91_000,
        window=200_000,
        uncached=5,
        output=7,
        write=995,
        read=90_000,
        five_hour=2350,
        five_hour_resets=4_000_000_000_000,
        week=4100,
        week_resets=4_000_000_000_000,
        warm=True,
        ttl="5m",
        expires=1_795_000_000_000,
        misses=1,
        recache=91_000,
        cwd="/code",
    )


def test_what_is_missing_or_null_is_unknown() -> None:
    bare = Snapshot(session=SESSION, at=NOW)
    assert decode(encoded({"session_id": SESSION}), NOW) == bare
    nulls = dict.fromkeys(status(), None) | {"session_id": SESSION}
    assert decode(encoded(nulls), NOW) == bare
    told = status(context_window={"current_usage": None, "total_input_tokens": 7})
    found = decode(encoded(told), NOW)
    assert found is not None
    assert (found.context, found.uncached, found.read) == (7, None, None)


@pytest.mark.parametrize(
    ("digits", "nanos"),
    [
        ("0.1523516", 152_351_600),
        ("0.15235160000000002", 152_351_600),
        ("1e-7", 100),
        ("0", 0),
        ("12", 12 * 10**9),
        ("1E2", 100 * 10**9),
        ("0.0000000004", 0),
        ("0.0000000006", 1),
        ("-1", None),
        ("1e999999999999999999999", None),
        ("1e99999", None),
        ("9" * 40, None),
        ('"1"', None),
        ("true", None),
        ("null", None),
    ],
)
def test_dollars_are_taken_from_their_digits(digits: str, nanos: int | None) -> None:
    body = encoded(status(cost={"total_cost_usd": "@"})).replace(b'"@"', digits.encode())
    found = decode(body, NOW)
    assert found is not None
    assert found.nanos == nanos


@given(number=draws.decimals(min_value=0, max_value=10**6, allow_nan=False, places=12))
@examples(60)
def test_process_and_collector_read_the_same_number(number: Decimal) -> None:
    digits = f"{number:f}"
    found = decode(encoded(status(cost={"total_cost_usd": "@"})).replace(b'"@"', digits.encode()), NOW)
    assert found is not None
    assert found.nanos == scaled(Number(digits), 9)


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"{}", b'{"session_id":5}', b"\xff"])
def test_what_names_no_session_is_a_problem(body: bytes) -> None:
    problems: list[tuple[str, str]] = []
    assert decode(body, NOW, problems) is None
    assert [slug for slug, _ in problems] == ["statusline-unreadable"]


def test_odd_fields_are_named() -> None:
    problems: list[tuple[str, str]] = []
    found = decode(encoded(status(cost=[], prompt_cache={"warm": "yes", "misses": -1})), NOW, problems)
    assert found is not None
    assert (found.nanos, found.warm, found.misses) == (None, None, None)
    assert problems == [("statusline-odd", "cost, prompt_cache.warm, prompt_cache.misses")]


def test_the_spooled_record_makes_the_same_snapshot() -> None:
    record = status_record(encoded(status()).decode(), KEY, NOW - 50)
    assert decode(record, NOW) == decode(encoded(status()), NOW - 50)
    assert CANARY.encode() not in record


@given(told=draws.dictionaries(FIELDS, VALUES, max_size=7))
@examples(60)
def test_any_figures_make_a_snapshot(told: dict[str, Any]) -> None:
    found = decode(encoded(status(**told)), NOW)
    if found is not None:  # texts with half a character are mended, other broken bytes are a problem
        assert found.session == SESSION
    reduced = status_record(encoded(status(**told)).decode("utf-8", "replace"), KEY, NOW)
    assert decode(reduced, NOW) is not None
