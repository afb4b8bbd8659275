"""The price table held against another one, `genai-prices`, where that is installed.

In: a `PriceBook`. Out: every question on which the two tables differ, known reasons told.
Always: only list prices are compared (own rows and the multiplier are a person's business), for every model,
price change, mode and price class, so that a difference names exactly what to look up. Nothing is fetched.
"""

from __future__ import annotations

from lineitem.core.rates import Rates, cost_nanos
from lineitem.pricing.book import PriceBook
from lineitem.pricing.decimals import parse_day
from lineitem.pricing.model_ids import parse_model_id
from lineitem.pricing.modifiers import possible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

_NOON_MS = 12 * 3_600_000

#: what is asked -> uncached input, 5m writes, 1h writes, reads, output, searches
_PROBES = {
    "input": (1000, 0, 0, 0, 0, 0),
    "cache write 5m": (0, 1000, 0, 0, 0, 0),
    "cache write 1h": (0, 0, 1000, 0, 0, 0),
    "cache read": (0, 0, 0, 1000, 0, 0),
    "output": (0, 0, 0, 0, 1000, 0),
    "long prompt": (150_000, 100_000, 0, 1000, 1000, 0),
}

#: mode -> how genai-prices is asked for it
_MODES: dict[str, dict[str, str]] = {
    "standard": {},
    "fast": {"speed": "fast"},
    "batch": {"processing": "batch"},
}

_RETIRED = (
    "claude-3-5-haiku",
    "claude-3-5-sonnet",
    "claude-3-7-sonnet",
    "claude-3-haiku",
    "claude-3-opus",
    "claude-3-sonnet",
    "claude-opus-4",
    "claude-opus-4-1",
    "claude-sonnet-4",
)

_ONE_READ_PRICE = "it has only the read price of 2026-10-07"

#: Where genai-prices 0.2.3 is known to differ (2026-11-21):
#: models (none: all), mode, probe, from and before which day, why
_KNOWN: tuple[tuple[tuple[str, ...], str, str, str, str, str], ...] = (
    (("claude-mythos-5", "claude-mythos-5-1"), "", "", "", "", "it does not list the model"),
    (("claude-sonnet-5-5",), "", "cache read", "", "2026-10-07", _ONE_READ_PRICE),
    (("claude-sonnet-5-5",), "", "long prompt", "", "2026-10-07", _ONE_READ_PRICE),
    (("claude-opus-4-6", "claude-opus-4-7"), "fast", "", "", "", "it has no fast mode for the model"),
    (("claude-opus-4-8",), "fast", "", "2026-12-01", "", "it has no end of the model's fast mode"),
    (("claude-sonnet-4-5",), "", "long prompt", "2026-05-01", "", "it has no end of the 1M beta's premium"),
    (("claude-sonnet-4",), "", "long prompt", "", "2026-05-01", "it has no 1M beta for the model"),
    ((), "batch", "", "", "2026-10-14", "it has no batch price before 2026-10-14"),
    (_RETIRED, "batch", "", "", "", "it has no batch price for a retired model"),
)


class Difference:
    """One question on which the tables differ."""

    __slots__ = ("day", "known", "mode", "model", "ours", "probe", "theirs")

    def __init__(self, model: str, day: str, mode: str, probe: str, ours: str, theirs: str) -> None:
        self.model = model
        self.day = day  #: YYYY-MM-DD
        self.mode = mode  #: standard, fast or batch
        self.probe = probe  #: the price class, "long prompt" or "every price"
        self.ours = ours  #: dollars for the probe
        self.theirs = theirs  #: the same, "no price" where they do not have the model
        self.known = _known_reason(model, day, mode, probe)  #: why, "" if nobody has looked at it yet

    def __repr__(self) -> str:
        return f"{self.model} on {self.day}, {self.mode}, {self.probe}: {self.ours} here, {self.theirs} there" + (
            f" ({self.known})" if self.known else ""
        )


def compare(book: PriceBook) -> list[Difference]:
    """Where the list prices in force differ from genai-prices. ImportError: it is not installed."""
    try:
        import genai_prices  # noqa: F401  0.2 s: only who compares pays for it
    except ImportError:
        raise ImportError("There is nothing to compare with: install genai-prices") from None
    listed = [entry for entry in book.entries() if entry.source != "settings"]
    days: dict[str, set[str]] = {}
    for entry in listed:
        days.setdefault(entry.model, set()).update((entry.since, entry.checked))
    return [difference for model in days for difference in _differences(model, days[model])]


def _differences(model: str, days: set[str]) -> Iterator[Difference]:
    model_id = parse_model_id(model)
    modifiers = possible(model_id) if model_id is not None else []
    for day in sorted(days | {modifier.ends for modifier in modifiers if modifier.ends}):
        for probe, counts in _PROBES.items():
            told: set[tuple[int, Decimal]] = set()
            for mode in _MODES:
                ours, theirs = _our_nanos(model, day, mode, counts), _their_nanos(model, day, mode, counts)
                if theirs is None:
                    yield Difference(model, day, mode, "every price", _dollars(ours), "no price")
                    return
                # A mode that neither table has repeats the standard prices.
                if theirs != ours and (ours, theirs) not in told:
                    yield Difference(model, day, mode, probe, _dollars(ours), _dollars(theirs))
                told.add((ours, theirs))


def _our_nanos(model: str, day: str, mode: str, counts: tuple[int, ...]) -> int:
    rates = PriceBook.builtin().rates(
        model,
        parse_day(day) + _NOON_MS,
        speed="fast" if mode == "fast" else "",
        tier="batch" if mode == "batch" else "",
        prompt_tokens=sum(counts[:4]),
    )
    assert isinstance(rates, Rates)  # the name comes from the table
    return cost_nanos(counts, rates)


def _their_nanos(model: str, day: str, mode: str, counts: tuple[int, ...]) -> Decimal | None:
    from datetime import UTC, datetime

    from genai_prices import Usage, calc_price

    uncached, write_5m, write_1h, read, output, _ = counts
    usage = Usage(
        input_tokens=uncached + write_5m + write_1h + read,  # they count cache tokens as input
        cache_write_tokens=write_5m + write_1h,
        cache_write_5m_tokens=write_5m,
        cache_write_1h_tokens=write_1h,
        cache_read_tokens=read,
        output_tokens=output,
    )
    at = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    try:
        price = calc_price(
            usage, model, provider_id="anthropic", genai_request_timestamp=at, price_context=_MODES[mode]
        )
    except LookupError:
        return None
    return price.total_price * 1_000_000_000


def _dollars(nanos: Decimal | int) -> str:
    whole, part = divmod(int(nanos), 1_000_000_000)
    return f"${whole}.{f'{part:09d}'.rstrip('0').ljust(2, '0')}"


def _known_reason(model: str, day: str, mode: str, probe: str) -> str:
    for models, in_mode, in_probe, since, before, why in _KNOWN:
        if (
            (not models or model in models)
            and in_mode in ("", mode)
            and in_probe in ("", probe)
            and since <= day < (before or "9999")
        ):
            return why
    return ""
