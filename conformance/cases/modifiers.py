"""What changes the price of a request: fast mode, prompt length, web search, place of inference, batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.rates import (
    FABLE_5_2_FAST,
    HAIKU_5_5,
    HAIKU_5_5_LONG,
    OPUS,
    OPUS_4_6_FAST,
    OPUS_4_6_LONG,
    OPUS_5_5_FAST,
    OPUS_BATCH,
    OPUS_FAST,
    OPUS_US,
    SONNET,
    SONNET_LONG,
)
from conformance.truth import Owed, Rates, owes

if TYPE_CHECKING:
    from typing import Any

    from conformance.tree import Tree


def _one(
    tree: Tree,
    rates: Rates,
    *,
    model: str = "",
    at: str = "",
    told: dict[str, Any] | None = None,
    **counts: Any,
) -> list[Owed]:
    """One request with these counts: told with `told` added, and owed."""
    at = at or "2026-11-02T10:00:00Z"
    session = tree.session(at=at)
    session.prompt()
    output = counts.pop("output", 500)
    session.answer(outputs=(output, output), model=model, **counts, **(told or {}))
    return [owes(rates, output=output, on=at[:10], **{"input": 10} | counts)]


def fast_opus(tree: Tree) -> list[Owed]:
    """Opus 4.8 in fast mode: twice, the cache too."""
    return _one(tree, OPUS_FAST, told={"speed": "fast"}, write_5m=20_000, write_1h=3_000, read=50_000)


def fast_opus_4_6(tree: Tree) -> list[Owed]:
    """Opus 4.6 in fast mode: six times."""
    model, at = "claude-opus-4-6", "2026-04-20T10:00:00Z"
    return _one(tree, OPUS_4_6_FAST, model=model, at=at, told={"speed": "fast"}, write_5m=20_000, read=50_000)


def fast_opus_5_5(tree: Tree) -> list[Owed]:
    """Opus 5.5 in fast mode."""
    return _one(tree, OPUS_5_5_FAST, model="claude-opus-5-5", told={"speed": "fast"}, write_1h=20_000, read=50_000)


def fast_fable_5_2(tree: Tree) -> list[Owed]:
    """Fable 5.2 in fast mode."""
    at = "2026-11-16T10:00:00Z"
    return _one(
        tree,
        FABLE_5_2_FAST,
        model="claude-fable-5-2",
        at=at,
        told={"speed": "fast"},
        write_1h=2_000,
        read=50_000,
    )


def standard_speed_is_not_fast(tree: Tree) -> list[Owed]:
    """The field is there, and says standard."""
    return _one(tree, OPUS, told={"speed": "standard"}, write_5m=20_000)


def the_step_is_not_reached(tree: Tree) -> list[Owed]:
    """Haiku 5.5 with a prompt of 100,000 tokens."""
    return _one(tree, HAIKU_5_5, model="claude-haiku-5-5", input=1_000, write_5m=39_000, read=60_000)


def the_step_is_passed_by_one_token(tree: Tree) -> list[Owed]:
    """Haiku 5.5 with 100,001 tokens: the whole request at the higher price."""
    return _one(tree, HAIKU_5_5_LONG, model="claude-haiku-5-5", input=1_001, write_5m=39_000, read=60_000)


def the_step_is_passed_by_reads(tree: Tree) -> list[Owed]:
    """Reads and one-hour writes count towards the length."""
    return _one(tree, HAIKU_5_5_LONG, model="claude-haiku-5-5", input=1, write_1h=200, read=150_000, output=9_000)


def output_does_not_count_towards_the_step(tree: Tree) -> list[Owed]:
    """A short prompt with a long answer."""
    return _one(tree, HAIKU_5_5, model="claude-haiku-5-5", input=90_000, output=30_000)


def a_long_prompt_to_sonnet_4_5(tree: Tree) -> list[Owed]:
    """Over 200,000 tokens while the long-context beta was on: everything at the premium."""
    model, at = "claude-sonnet-4-5-20250929", "2026-02-10T10:00:00Z"
    return _one(tree, SONNET_LONG, model=model, at=at, input=1, write_5m=50_000, read=150_000)


def just_200_000_tokens_to_sonnet_4_5(tree: Tree) -> list[Owed]:
    """The premium begins above, not at, 200,000."""
    model, at = "claude-sonnet-4-5-20250929", "2026-02-10T10:00:00Z"
    return _one(tree, SONNET, model=model, at=at, input=1_000, write_5m=49_000, read=150_000)


def a_long_prompt_to_opus_4_6_before_the_premium_ended(tree: Tree) -> list[Owed]:
    """2026-03-01: twice the input price, one and a half times the output price."""
    return _one(tree, OPUS_4_6_LONG, model="claude-opus-4-6", at="2026-03-01T10:00:00Z", write_5m=90_000, read=210_000)


def a_long_prompt_to_opus_4_6_after_the_premium_ended(tree: Tree) -> list[Owed]:
    """2026-04-08: flat."""
    return _one(tree, OPUS, model="claude-opus-4-6", at="2026-04-08T10:00:00Z", write_5m=90_000, read=210_000)


def a_long_prompt_to_a_flat_model(tree: Tree) -> list[Owed]:
    """Opus 4.8 has one price up to a million tokens."""
    return _one(tree, OPUS, write_1h=150_000, read=600_000)


def web_searches(tree: Tree) -> list[Owed]:
    """Three searches at $10 per 1,000, once though on two lines; fetches cost tokens only."""
    tools = {"web_search_requests": 3, "web_fetch_requests": 2}
    [owed] = _one(tree, OPUS, told={"server_tool_use": tools}, write_5m=20_000)
    assert owed.nanos is not None
    return [owed._replace(nanos=owed.nanos + 3 * 10_000_000)]


def inference_in_the_us(tree: Tree) -> list[Owed]:
    """1.1 times on every class of tokens."""
    return _one(tree, OPUS_US, told={"inference_geo": "us"}, write_5m=20_000, write_1h=1_000, read=50_000)


def inference_anywhere(tree: Tree) -> list[Owed]:
    """`global`, `not_available` and an empty place cost the list price."""
    session = tree.session()
    for place in ("global", "not_available", ""):
        session.prompt()
        session.answer(read=10_000, inference_geo=place)
    return [owes(OPUS, input=10, read=10_000, output=500)] * 3


def the_batch_tier(tree: Tree) -> list[Owed]:
    """Half of every class of tokens."""
    tree.doubt = "half is the list price; the client's own estimate does not discount the batch tier"
    return _one(tree, OPUS_BATCH, told={"service_tier": "batch"}, write_5m=20_000, read=50_000)


CASES = (
    fast_opus,
    fast_opus_4_6,
    fast_opus_5_5,
    fast_fable_5_2,
    standard_speed_is_not_fast,
    the_step_is_not_reached,
    the_step_is_passed_by_one_token,
    the_step_is_passed_by_reads,
    output_does_not_count_towards_the_step,
    a_long_prompt_to_sonnet_4_5,
    just_200_000_tokens_to_sonnet_4_5,
    a_long_prompt_to_opus_4_6_before_the_premium_ended,
    a_long_prompt_to_opus_4_6_after_the_premium_ended,
    a_long_prompt_to_a_flat_model,
    web_searches,
    inference_in_the_us,
    inference_anywhere,
    the_batch_tier,
)
