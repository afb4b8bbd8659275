"""The list prices of Claude models and the rules on top of them, as plain data.

What lives here: one row for every model and price change, and the modifiers as rules over models, never as
further model names. Prices are dollars a million tokens, as their source writes them; `book` reads them.
Always: a row is dated, says where it was read and when it was checked. A price that changes gets a new row
and the old one stays, so that the past keeps its price. A model's first row also prices what is dated before.

Days start at 00:00 UTC. `ends` is the first day a rule no longer holds, "" while it holds.
"""

from __future__ import annotations

#: model, since, input, 5m write, 1h write, read, output, source, checked
Listing = tuple[str, str, str, str, str, str, str, str, str]

_PAGE = "platform.claude.com pricing"
_RETIRED = "platform.claude.com pricing, while the model was offered"
_LAUNCH = "platform.claude.com Sonnet 5.5 model page at launch"
_NEWEST = "platform.claude.com pricing, with genai-prices 0.2.3"
_CLAUDE_3 = "anthropic.com Claude 3 announcement; cache rates by the usual multipliers"
_DAY = "2026-11-21"

PRICES: tuple[Listing, ...] = (
    # model, since, input, 5m write, 1h write, cache read, output
    ("claude-fable-5-2", "2026-11-09", "8", "10", "16", "0.20", "40", _NEWEST, _DAY),
    ("claude-mythos-5-2", "2026-11-09", "8", "10", "16", "0.20", "40", _NEWEST, _DAY),
    ("claude-fable-5-1", "2026-09-01", "10", "12.50", "20", "0.25", "50", _PAGE, _DAY),
    ("claude-mythos-5-1", "2026-09-01", "10", "12.50", "20", "0.25", "50", _PAGE, _DAY),
    ("claude-fable-5", "2026-06-09", "10", "12.50", "20", "1", "50", _PAGE, _DAY),
    ("claude-mythos-5", "2026-06-09", "10", "12.50", "20", "1", "50", _PAGE, _DAY),
    ("claude-opus-5-5", "2026-09-22", "4", "5", "8", "0.20", "20", _PAGE, _DAY),
    ("claude-opus-5", "2026-07-24", "5", "6.25", "10", "0.50", "25", _PAGE, _DAY),
    ("claude-opus-4-8", "2026-05-28", "5", "6.25", "10", "0.50", "25", _PAGE, _DAY),
    ("claude-opus-4-7", "2026-04-16", "5", "6.25", "10", "0.50", "25", _PAGE, _DAY),
    ("claude-opus-4-6", "2026-02-05", "5", "6.25", "10", "0.50", "25", _PAGE, _DAY),
    ("claude-opus-4-5", "2025-11-24", "5", "6.25", "10", "0.50", "25", _PAGE, _DAY),
    ("claude-opus-4-1", "2025-08-05", "15", "18.75", "30", "1.50", "75", _RETIRED, _DAY),
    ("claude-opus-4", "2025-05-22", "15", "18.75", "30", "1.50", "75", _RETIRED, _DAY),
    ("claude-3-opus", "2024-03-04", "15", "18.75", "30", "1.50", "75", _RETIRED, _DAY),
    ("claude-sonnet-5-5", "2026-09-28", "2", "2.50", "4", "0.20", "10", _LAUNCH, _DAY),
    ("claude-sonnet-5-5", "2026-10-07", "2", "2.50", "4", "0.10", "10", _PAGE, _DAY),
    # The rise of Sonnet 5 to 3/15 announced for 2026-09-01 was cancelled: there is no second row.
    ("claude-sonnet-5", "2026-06-30", "2", "2.50", "4", "0.20", "10", _PAGE, _DAY),
    ("claude-sonnet-4-6", "2026-02-17", "3", "3.75", "6", "0.30", "15", _PAGE, _DAY),
    ("claude-sonnet-4-5", "2025-09-29", "3", "3.75", "6", "0.30", "15", _PAGE, _DAY),
    ("claude-sonnet-4", "2025-05-22", "3", "3.75", "6", "0.30", "15", _RETIRED, _DAY),
    ("claude-3-7-sonnet", "2025-02-24", "3", "3.75", "6", "0.30", "15", _RETIRED, _DAY),
    ("claude-3-5-sonnet", "2024-06-20", "3", "3.75", "6", "0.30", "15", _RETIRED, _DAY),
    ("claude-3-sonnet", "2024-03-04", "3", "3.75", "6", "0.30", "15", _CLAUDE_3, _DAY),
    ("claude-haiku-5-5", "2026-10-07", "0.10", "0.125", "0.20", "0.01", "0.50", _PAGE, _DAY),
    ("claude-haiku-4-5", "2025-10-15", "1", "1.25", "2", "0.10", "5", _PAGE, _DAY),
    ("claude-3-5-haiku", "2024-10-22", "0.80", "1", "1.60", "0.08", "4", _RETIRED, _DAY),
    ("claude-3-haiku", "2024-03-07", "0.25", "0.30", "0.50", "0.03", "1.25", _RETIRED, _DAY),
)

#: A prompt (uncached input + cache reads + cache writes) above the limit puts the whole request at other
#: rates: models, limit, multiplier of the four input classes, multiplier of output, ends. One rule a model.
PROMPT_STEPS: tuple[tuple[tuple[str, ...], int, str, str, str], ...] = (
    (("claude-haiku-5-5",), 100_000, "5", "5", ""),
    # flat since 2026-03-13
    (("claude-opus-4-6", "claude-sonnet-4-6"), 200_000, "2", "1.5", "2026-03-13"),
    # The 1M beta was switched off during 2026-04-30: a long prompt answered that day was still in it.
    (("claude-sonnet-4-5", "claude-sonnet-4"), 200_000, "2", "1.5", "2026-05-01"),
)

#: Fast mode (`usage.speed` is "fast"), on all token classes: models, multiplier, ends.
#: The API says fast only where it served fast, so the day of a removal still counts.
FAST_MODE: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("claude-fable-5-2", "claude-mythos-5-2", "claude-opus-5-5", "claude-opus-5"), "2", ""),
    (("claude-opus-4-8",), "2", "2026-12-01"),  # removed 2026-11-30
    (("claude-opus-4-7",), "6", "2026-07-25"),  # removed 2026-07-24
    (("claude-opus-4-6",), "6", ""),  # after its removal the API answers at standard speed, and says so
)

#: US-only inference (`usage.inference_geo` is "us"), all token classes, on Anthropic's own platforms:
#: multiplier, and the first version that has it.
US_INFERENCE: tuple[str, tuple[int, int]] = ("1.1", (4, 6))

#: A regional instead of a global endpoint of Bedrock or Google Cloud, all token classes: likewise.
REGIONAL_ENDPOINT: tuple[str, tuple[int, int]] = ("1.1", (4, 5))

#: Message Batches (`usage.service_tier` is "batch"), all token classes; web searches keep their price.
BATCH = "0.5"

#: $10 per 1,000 searches, in nanodollars each
WEB_SEARCH = 10_000_000

#: Raise when the way `book` combines all this changes: it is part of the book's version.
RULES_REVISION = 1
