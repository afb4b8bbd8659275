"""List prices that the cases use, in nanodollars per token: input, write 5m, write 1h, read, output.

Anthropic's published prices in dollars per million tokens, times 1,000; looked up in November 2026. Modifiers
(fast mode, US inference, batch, prompt-length steps) are written out as rows of their own, so that the
expected cost of a case is a plain sum of products.
"""

from __future__ import annotations

from conformance.truth import Rates

OPUS = Rates(5_000, 6_250, 10_000, 500, 25_000)  # claude-opus-4-5 to 4-8, and 5
OPUS_FAST = Rates(10_000, 12_500, 20_000, 1_000, 50_000)  # 4-8 and 5: twice
OPUS_US = Rates(5_500, 6_875, 11_000, 550, 27_500)  # inference in the US: 1.1 times
OPUS_BATCH = Rates(2_500, 3_125, 5_000, 250, 12_500)  # half
OPUS_4_6_FAST = Rates(30_000, 37_500, 60_000, 3_000, 150_000)  # six times
OPUS_4_6_LONG = Rates(10_000, 12_500, 20_000, 1_000, 37_500)  # over 200,000, until 2026-03-13
OPUS_4_1 = Rates(15_000, 18_750, 30_000, 1_500, 75_000)  # and 4
OPUS_5_5 = Rates(4_000, 5_000, 8_000, 200, 20_000)  # reads cost a twentieth of input
OPUS_5_5_FAST = Rates(8_000, 10_000, 16_000, 400, 40_000)

SONNET = Rates(3_000, 3_750, 6_000, 300, 15_000)  # 3-7 to 4-6
SONNET_LONG = Rates(6_000, 7_500, 12_000, 600, 22_500)  # 4 and 4-5 over 200,000, until 2026-04-30
SONNET_5 = Rates(2_000, 2_500, 4_000, 200, 10_000)
SONNET_5_5 = Rates(2_000, 2_500, 4_000, 100, 10_000)  # since about 2026-10-07
SONNET_5_5_AT_LAUNCH = Rates(2_000, 2_500, 4_000, 200, 10_000)

HAIKU_5_5 = Rates(100, 125, 200, 10, 500)  # prompts up to 100,000 tokens
HAIKU_5_5_LONG = Rates(500, 625, 1_000, 50, 2_500)  # the whole request, above
HAIKU = Rates(1_000, 1_250, 2_000, 100, 5_000)  # 4-5
HAIKU_BEDROCK_REGION = Rates(1_100, 1_375, 2_200, 110, 5_500)  # a regional endpoint: 1.1 times
HAIKU_3_5 = Rates(800, 1_000, 1_600, 80, 4_000)
HAIKU_3 = Rates(250, 300, 500, 30, 1_250)

FABLE_5_2 = Rates(8_000, 10_000, 16_000, 200, 40_000)  # and mythos; reads cost a fortieth of input
FABLE_5_2_FAST = Rates(16_000, 20_000, 32_000, 400, 80_000)
FABLE_5_1 = Rates(10_000, 12_500, 20_000, 250, 50_000)  # and mythos
FABLE_5 = Rates(10_000, 12_500, 20_000, 1_000, 50_000)  # and mythos

UNPRICED = None
"""No list price exists: the tokens are kept, the money is unknown."""
