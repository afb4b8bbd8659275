"""List prices of the models the scenarios use: whole nanodollars a token, as the client itself charges them.

A model and the size of a prompt go in, the rates of that one request come out.
They are written down a second time on purpose: a test that asks the product's own price book proves nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class Rates(NamedTuple):
    """Nanodollars a token, by price class."""

    uncached: int
    write_5m: int
    write_1h: int
    read: int
    output: int


# What client 2.1.330 charges: its own total_cost_usd, when it is answered with known usage. 2026-11.
LIST_PRICES = {
    "claude-opus-5-5": Rates(4_000, 5_000, 8_000, 200, 20_000),
    "claude-sonnet-5-5": Rates(2_000, 2_500, 4_000, 100, 10_000),
    "claude-haiku-5-5": Rates(100, 125, 200, 10, 500),
    "claude-haiku-4-5": Rates(1_000, 1_250, 2_000, 100, 5_000),
    "claude-fable-5-2": Rates(8_000, 10_000, 16_000, 200, 40_000),
}

SEARCH = 10_000_000  #: nanodollars a web search

LONG_PROMPT_FROM = 100_001  #: tokens; from here on the whole request costs more, on the models below
LONG_PROMPT_PRICES = {"claude-haiku-5-5": Rates(500, 625, 1_000, 50, 2_500)}


def rates(model: str, *, prompt_tokens: int) -> Rates:
    """The rates of one request: its model's, or its model's for long prompts."""
    if prompt_tokens >= LONG_PROMPT_FROM and model in LONG_PROMPT_PRICES:
        return LONG_PROMPT_PRICES[model]
    return LIST_PRICES[model]
