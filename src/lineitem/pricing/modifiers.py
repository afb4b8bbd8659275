"""What can come on top of a model's rates: the rules of the table, as they fall on one model.

In: a `ModelId` and what a request says of itself. Out: `Modifier`s, in the order they are named.
Always: a rule is a multiplier on token classes, never a price of its own; multipliers multiply.
"""

from __future__ import annotations

from lineitem.pricing import table
from lineitem.pricing.decimals import parse_day, parse_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.pricing.model_ids import ModelId

#: later than every moment, more than every prompt
NEVER = NO_LIMIT = 1 << 62


class Modifier:
    """One rule on one model.

    label: short name, part of a rate's key.   what: the same in words.
    above: it holds for prompts above so many tokens, 0 for all.
    inputs, output: multiplier of the four input classes and of output, as fractions.
    ends: first day it no longer holds, "" while it does; ends_ms: that moment.
    """

    __slots__ = ("above", "ends", "ends_ms", "inputs", "label", "output", "what")

    def __init__(self, label: str, what: str, inputs: str, *, output: str = "", above: int = 0, ends: str = "") -> None:
        self.label = label
        self.what = what + (f" before {ends}" if ends else "")
        self.inputs = parse_decimal(inputs)
        self.output = parse_decimal(output or inputs)
        self.above = above
        self.ends = ends
        self.ends_ms = parse_day(ends) if ends else NEVER


def possible(model: ModelId) -> list[Modifier]:
    """Every rule that can fall on this model."""
    found = [
        Modifier(
            f"above-{above}",
            f"prompts above {above:,} tokens: input {inputs}x, output {output}x",
            inputs,
            output=output,
            above=above,
            ends=ends,
        )
        for models, above, inputs, output, ends in table.PROMPT_STEPS
        if model.name in models
    ]
    for models, multiplier, ends in table.FAST_MODE:
        if model.name in models:
            found.append(Modifier("fast", f"fast mode {multiplier}x", multiplier, ends=ends))
    multiplier, since_version = table.US_INFERENCE
    if model.version >= since_version:
        found.append(Modifier("us", f"US inference {multiplier}x", multiplier))
    multiplier, since_version = table.REGIONAL_ENDPOINT
    if model.version >= since_version:
        found.append(Modifier("regional", f"regional endpoint {multiplier}x", multiplier))
    found.append(Modifier("batch", f"batch {table.BATCH}x", table.BATCH))
    return found


def in_force(model: ModelId, *, fast: bool, us: bool, batch: bool) -> list[Modifier]:
    """The rules that fall on a request, prompt steps included: their limit is the request's to compare."""
    holds = {
        "fast": fast and not batch,  # there is no fast batch
        "us": us and model.platform == "anthropic",
        "regional": model.regional,
        "batch": batch,
    }
    return [modifier for modifier in possible(model) if modifier.above or holds[modifier.label]]
