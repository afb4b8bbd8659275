"""Why a model has no price, in a sentence that names the way out."""

from __future__ import annotations

from lineitem.pricing.model_ids import plain_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.pricing.model_ids import ModelId

#: names people and settings use for "the current model of that kind"
_UNVERSIONED = frozenset({"best", "default", "fable", "haiku", "mythos", "opus", "opusplan", "sonnet"})


def unpriced_reason(model: str, model_id: ModelId | None) -> str:
    """model: as the request carries it.   model_id: the Claude version it names, None if it names none."""
    plain = plain_name(model)
    if not plain:
        return "The request names no model, so it has no price. See docs/prices.md#unpriced-model."
    if plain in _UNVERSIONED:
        why = "it names no version, and which model answered is not known. Map it in prices.aliases"
    elif "application-inference-profile" in plain:
        why = "an application inference profile does not say which model it runs. Map it in prices.aliases"
    elif model_id is not None:
        why = (
            f"{model_id.name} is not in the price table, and the price of another version is not borrowed."
            " Update lineitem, or give it a price in prices.models"
        )
    else:
        why = "it is not a Claude model of the price table. Give it a price in prices.models"
    return f"No price for {model!r}: {why} (docs/prices.md#unpriced-model)."
