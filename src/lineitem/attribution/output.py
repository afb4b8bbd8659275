"""An answer's output tokens, divided among its blocks: thinking, texts, tool calls."""

from __future__ import annotations

from lineitem.attribution.alike import FRAME, WRITTEN
from lineitem.attribution.items import APPORTIONED, MEASURED
from lineitem.attribution.weights import estimate
from lineitem.core.apportion import apportion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.attribution.weights import Weights

    Row = list[Any]


def divided(
    blocks: list[Row], output: int, thinking: int, weights: Weights, weighed: dict[str, int]
) -> tuple[list[int], str]:
    """(tokens of each block, how they are known); they sum to `output`.

    Thinking that was counted and has no block gets one: the first of `blocks`.
    """
    first = blocks[0][0]
    if len(blocks) == 1 and (first == "h" or not thinking or thinking > output):
        return [output], MEASURED
    if len(blocks) == 2 and thinking and first == "h" and blocks[1][0] != "h":
        share = min(thinking, output)
        return [share, output - share], MEASURED
    milli = [
        weighed.get(WRITTEN + block[2]) or estimate(block[5], weights) + (FRAME if block[0] in "us" else 0)
        for block in blocks
    ]
    thoughts = [index for index, block in enumerate(blocks) if block[0] == "h"]
    basis = MEASURED if len(blocks) == 1 else APPORTIONED
    if thoughts:
        others = sum(milli) - sum(milli[index] for index in thoughts)
        share = thinking
        if not thinking:
            hidden = all(blocks[index][5][0] <= 4 for index in thoughts)
            share = max(0, output - (others + 999) // 1000) if hidden else 0
        share = min(share, output)
        if share or thinking:
            parts_of = [max(1, milli[index]) for index in thoughts]
            split = [0] * len(blocks)
            for index, part in zip(thoughts, apportion(share, parts_of)):
                split[index] = part
            rest = [index for index in range(len(blocks)) if index not in thoughts]
            if rest:
                parts = apportion(output - share, [milli[index] for index in rest])
                for index, part in zip(rest, parts):
                    split[index] = part
                basis = MEASURED if thinking and len(rest) == 1 else APPORTIONED
            else:
                split[thoughts[0]] += output - share
        else:
            split = apportion(output, milli)
    elif thinking and thinking <= output:
        blocks.insert(0, ["h", -1, "", "", "", [0]])
        split = [thinking, *apportion(output - thinking, milli)]
        basis = MEASURED if len(blocks) == 2 else APPORTIONED
    else:
        split = apportion(output, milli)
    return split, basis
