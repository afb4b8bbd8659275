"""The right price for every name a model goes by, and none for a name that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance import rates
from conformance.truth import Owed, Rates, owes

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from conformance.tree import Tree

USED: dict[str, Any] = {"input": 1_000, "write_5m": 8_000, "write_1h": 4_000, "read": 60_000}


def _asks(tree: Tree, *models: str, at: str = "2026-11-16T10:00:00Z") -> None:
    session = tree.session(at=at)
    for model in models:
        session.prompt()
        session.answer(model=model, outputs=(700,), **USED)


def _price_of(
    model: str, price: Rates, at: str = "2026-11-16T10:00:00Z", name: str = ""
) -> Callable[[Tree], list[Owed]]:
    """A case: one request to `model`, all five classes of tokens used."""

    def case(tree: Tree) -> list[Owed]:
        _asks(tree, model, at=at)
        return [owes(price, output=700, on=at[:10], **USED)]

    case.__name__ = f"price of {name or model}"
    case.__doc__ = f"List price on {at[:10]}."
    return case


def an_unknown_model(tree: Tree) -> list[Owed]:
    """Tokens are kept; the money is unknown, which is not zero."""
    _asks(tree, "glm-99-experimental")
    return [owes(rates.UNPRICED, output=700, on="2026-11-16", **USED)]


def an_unknown_model_beside_a_known_one(tree: Tree) -> list[Owed]:
    """The known part is priced, the other part is said to be missing."""
    _asks(tree, "claude-opus-4-8", "glm-99-experimental")
    on = "2026-11-16"
    return [owes(rates.OPUS, output=700, on=on, **USED), owes(rates.UNPRICED, output=700, on=on, **USED)]


def an_unknown_sibling(tree: Tree) -> list[Owed]:
    """A model that is not out yet does not borrow the price of one that sounds like it."""
    _asks(tree, "claude-opus-9-9", "claude-sonnet-11", "claude-haiku-4-9-20270101")
    return [owes(rates.UNPRICED, output=700, on="2026-11-16", **USED)] * 3


def a_profile_without_a_model_name(tree: Tree) -> list[Owed]:
    """An application inference profile on Bedrock says nothing about its model."""
    _asks(tree, "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6")
    return [owes(rates.UNPRICED, output=700, on="2026-11-16", **USED)]


def a_regional_endpoint_on_bedrock(tree: Tree) -> list[Owed]:
    """`us.`, `eu.` and the like: a tenth more than `global.` from the 4.5 models on."""
    tree.doubt = "AWS sets this price; the client's own estimate may be the plain list price"
    _asks(tree, "us.anthropic.claude-haiku-4-5-20251001-v1:0")
    return [owes(rates.HAIKU_BEDROCK_REGION, output=700, on="2026-11-16", **USED)]


PRICES = (
    # Current, by their own names
    _price_of("claude-fable-5-2", rates.FABLE_5_2),
    _price_of("claude-mythos-5-2", rates.FABLE_5_2),
    _price_of("claude-fable-5-1", rates.FABLE_5_1),
    _price_of("claude-fable-5", rates.FABLE_5),
    _price_of("claude-opus-5-5", rates.OPUS_5_5),
    _price_of("claude-opus-5", rates.OPUS),
    _price_of("claude-opus-4-8", rates.OPUS),
    _price_of("claude-opus-4-7", rates.OPUS),
    _price_of("claude-opus-4-6", rates.OPUS),
    _price_of("claude-sonnet-5-5", rates.SONNET_5_5),
    _price_of("claude-sonnet-5", rates.SONNET_5),
    _price_of("claude-sonnet-4-6", rates.SONNET),
    _price_of("claude-haiku-5-5", rates.HAIKU_5_5),
    # Dated names and their aliases
    _price_of("claude-opus-4-5-20251101", rates.OPUS),
    _price_of("claude-opus-4-5", rates.OPUS),
    _price_of("claude-sonnet-4-5-20250929", rates.SONNET),
    _price_of("claude-sonnet-4-5", rates.SONNET),
    _price_of("claude-haiku-4-5-20251001", rates.HAIKU),
    _price_of("claude-haiku-4-5", rates.HAIKU),
    # History
    _price_of("claude-opus-4-1-20250805", rates.OPUS_4_1, at="2025-11-16T10:00:00Z"),
    _price_of("claude-opus-4-20250514", rates.OPUS_4_1, at="2025-11-16T10:00:00Z"),
    _price_of("claude-sonnet-4-20250514", rates.SONNET, at="2025-11-16T10:00:00Z"),
    _price_of("claude-3-7-sonnet-20250219", rates.SONNET, at="2025-08-16T10:00:00Z"),
    _price_of("claude-3-5-haiku-20241022", rates.HAIKU_3_5, at="2025-08-16T10:00:00Z"),
    _price_of("claude-3-haiku-20240307", rates.HAIKU_3, at="2025-08-16T10:00:00Z"),
    # A cache read became cheaper; a price that was announced and cancelled
    _price_of(
        "claude-sonnet-5-5",
        rates.SONNET_5_5_AT_LAUNCH,
        at="2026-09-29T10:00:00Z",
        name="claude-sonnet-5-5 at launch",
    ),
    _price_of("claude-sonnet-5", rates.SONNET_5, at="2026-09-15T10:00:00Z", name="claude-sonnet-5 in September"),
    # Names with something added
    _price_of("claude-opus-4-8[1m]", rates.OPUS),
    _price_of("claude-sonnet-4-5-20250929[1m]", rates.SONNET),
    # Bedrock
    _price_of("anthropic.claude-3-7-sonnet-20250219-v1:0", rates.SONNET, at="2025-08-16T10:00:00Z"),
    _price_of("us.anthropic.claude-sonnet-4-20250514-v1:0", rates.SONNET, at="2025-11-16T10:00:00Z"),
    _price_of("global.anthropic.claude-haiku-4-5-20251001-v1:0", rates.HAIKU),
    _price_of("global.anthropic.claude-opus-4-6-v1", rates.OPUS),
    _price_of("global.anthropic.claude-opus-5-5", rates.OPUS_5_5),
    _price_of(
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        rates.SONNET,
    ),
    # Google Cloud
    _price_of("claude-haiku-4-5@20251001", rates.HAIKU),
    _price_of("claude-sonnet-4-5@default", rates.SONNET),
)

CASES = (
    an_unknown_model,
    an_unknown_model_beside_a_known_one,
    an_unknown_sibling,
    a_profile_without_a_model_name,
    a_regional_endpoint_on_bedrock,
    *PRICES,
)
