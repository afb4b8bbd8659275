"""What a model cost at a moment.

In: a model id as a request carries it, the moment, and what else sets the price: speed, geography, tier,
prompt length. Out: `Rates`, or `Unpriced` with the reason.
Always: the same question gives the same object; the price of a day does not depend on later rows; list price,
rules and discount are combined exactly and rounded once; what is unknown is Unpriced, never 0 and never the
price of a sibling.

How a price comes about: the row in force that day, times the modifiers that hold for the request (prompt
step, fast mode, US inference, regional endpoint, batch), times the person's multiplier. Own rows take the
place of list rows: a Claude model's modifiers stay, the multiplier does not apply, for they are what that
person pays.
"""

from __future__ import annotations

from lineitem.core.rates import Rates, Unpriced
from lineitem.pricing import table
from lineitem.pricing.model_ids import ModelId, parse_model_id, plain_name
from lineitem.pricing.modifiers import NEVER, NO_LIMIT, Modifier, in_force, possible
from lineitem.pricing.rows import PriceRow, listed_rows
from lineitem.pricing.unpriced import unpriced_reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


#: Another one when a bill with own prices is made in another way.
_OWN_REVISION = 2


class PriceBook:
    """Every price in force: the list, its rules, and the person's own prices."""

    __slots__ = ("_aliases", "_answers", "_discount", "_listed", "_made", "_multiplier", "_own", "_rows", "_version")

    def __init__(self, overrides: Mapping[str, object] | None = None) -> None:
        """overrides: {"multiplier", "models", "aliases"}, see docs/prices.md. Bad ones: an OverrideError."""
        self._rows = listed_rows()
        self._aliases: dict[str, str] = {}
        self._multiplier = (1, 1)
        self._discount = ""  #: the multiplier as text, "" when it is 1
        self._own: tuple[object, ...] = ()  #: own prices as plain values
        self._answers: dict[tuple[str, str, str, str], Rates | Unpriced | _Eras] = {}
        self._made: dict[str, Rates] = {}
        self._version = ""
        self._listed: PriceBook | None = None
        if overrides:
            self._take_over(overrides)

    @classmethod
    def builtin(cls) -> PriceBook:
        """List prices alone."""
        return cls()

    @property
    def listed(self) -> PriceBook:
        """List prices alone: what the client goes by. This book itself, where nothing in it is a person's own."""
        if not self._own:
            return self
        if self._listed is None:
            self._listed = PriceBook()
        return self._listed

    @property
    def version(self) -> str:
        """A short name of everything in force: it changes when a price could have changed."""
        if not self._version:
            # A fingerprint, not a signature: importing hashlib alone would take 2 ms.
            from zlib import adler32, crc32

            rows = [listing[:7] for listing in table.PRICES]
            places = (table.US_INFERENCE, table.REGIONAL_ENDPOINT)
            rules = (table.PROMPT_STEPS, table.FAST_MODE, places, table.BATCH, table.WEB_SEARCH)
            own = (*self._own, _OWN_REVISION) if self._own else ()
            everything = repr((table.RULES_REVISION, rows, rules, own)).encode()
            self._version = f"{crc32(everything):08x}{adler32(everything):08x}"
        return self._version

    def rates(
        self, model: str, at_ms: int, speed: str = "", geo: str = "", tier: str = "", prompt_tokens: int = 0
    ) -> Rates | Unpriced:
        """The rates of one request.

        at_ms: milliseconds since 1970 UTC; before a model's first row that row holds (a clock was wrong).
        speed: "fast" or anything else.   geo: "us" or anything else.   tier: "batch" or anything else.
        prompt_tokens: uncached input + cache reads + cache writes; only prompt-length steps look at it.
        """
        question = (model, speed, geo, tier)
        answer = self._answers.get(question)
        if answer is None:
            answer = self._find(model, fast=speed == "fast", us=geo == "us", batch=tier == "batch")
            self._answers[question] = answer
        return answer.at(at_ms, prompt_tokens) if isinstance(answer, _Eras) else answer

    def entries(self) -> list[PriceEntry]:
        """Every row in force and what can come on top of it, in the order of the table, own models last."""
        return [self._entry(name, row) for name, rows in self._rows.items() for row in rows]

    def _take_over(self, settings: Mapping[str, object]) -> None:
        # Imported here: most people have no own prices, and start-up time is a feature.
        from lineitem.pricing.overrides import Overrides

        own = Overrides(settings)
        self._own = own.identity()
        self._multiplier, self._discount = own.multiplier, own.multiplier_text
        for name, rows in own.models.items():
            before = [row for row in self._rows.get(name, ()) if row.at_ms < rows[0].at_ms]
            self._rows[name] = [*before, *rows]
        own.refuse_dead_aliases(lambda target: self._resolve(target)[0] in self._rows)
        self._aliases = own.aliases

    def _find(self, model: str, *, fast: bool, us: bool, batch: bool) -> Rates | Unpriced | _Eras:
        name, model_id = self._resolve(model)
        rows = self._rows.get(name)
        if rows is None:
            return Unpriced(unpriced_reason(model, model_id))
        modifiers = in_force(model_id, fast=fast, us=us, batch=batch) if model_id is not None else []
        changes = {row.at_ms for row in rows[1:]} | {each.ends_ms for each in modifiers if each.ends}
        starts = (-NEVER, *sorted(changes))
        bands = [self._band(name, _row_at(rows, start), modifiers, start) for start in starts]
        if len(bands) == 1 and bands[0][0] == NO_LIMIT:
            return bands[0][1]
        return _Eras(starts[1:], bands)

    def _resolve(self, model: str) -> tuple[str, ModelId | None]:
        """The name its rows would stand under, and the Claude model whose rules apply, if any."""
        model = self._aliases.get(plain_name(model), model)
        plain, model_id = plain_name(model), parse_model_id(model)
        if model_id is None or (plain != model_id.name and plain in self._rows):
            return plain, None  # an own name: priced as written
        return model_id.name, model_id

    def _band(self, name: str, row: PriceRow, modifiers: list[Modifier], at_ms: int) -> tuple[int, Rates, Rates]:
        """From `at_ms` on: a prompt length, the rates up to it, the rates above it."""
        held = [each for each in modifiers if at_ms < each.ends_ms]
        below = self._rates(name, row, [each for each in held if not each.above])
        limits = [each.above for each in held if each.above]
        return (limits[0], below, self._rates(name, row, held)) if limits else (NO_LIMIT, below, below)

    def _rates(self, name: str, row: PriceRow, modifiers: list[Modifier]) -> Rates:
        multiplier, discount = ((1, 1), "") if row.own else (self._multiplier, self._discount)
        key = "+".join((f"{name}@{row.label()}", *(each.label for each in modifiers)))
        key += f"*{discount}" if discount else ""
        made = self._made.get(key)
        if made is None:
            inputs, output = multiplier, multiplier
            for each in modifiers:
                inputs = (inputs[0] * each.inputs[0], inputs[1] * each.inputs[1])
                output = (output[0] * each.output[0], output[1] * each.output[1])
            uncached, write_5m, write_1h, read = (_times(rate, inputs) for rate in row.rates[:4])
            search = _times(table.WEB_SEARCH, multiplier)
            made = Rates(key, uncached, write_5m, write_1h, read, _times(row.rates[4], output), search)
            self._made[key] = made
        return made

    def _entry(self, name: str, row: PriceRow) -> PriceEntry:
        model_id = parse_model_id(name)
        modifiers = possible(model_id) if model_id is not None and model_id.name == name else []
        texts = [each.what for each in modifiers if row.at_ms < each.ends_ms]
        if self._discount and not row.own:
            texts.append(f"multiplier {self._discount}")
        return PriceEntry(name, row, tuple(texts))


class PriceEntry:
    """One row as people read it: dollars a million tokens as text, before modifiers and multiplier."""

    __slots__ = (
        "cache_read",
        "cache_write_1h",
        "cache_write_5m",
        "checked",
        "input",
        "model",
        "modifiers",
        "output",
        "since",
        "source",
    )

    def __init__(self, model: str, row: PriceRow, modifiers: tuple[str, ...]) -> None:
        self.model = model
        self.since = row.since  #: YYYY-MM-DD, "" for always
        self.input, self.cache_write_5m, self.cache_write_1h, self.cache_read, self.output = row.shown()
        self.modifiers = modifiers  #: what can come on top, e.g. "fast mode 2x before 2026-12-01"
        self.source = row.source  #: the public page, or "settings"
        self.checked = row.checked  #: YYYY-MM-DD, "" for own prices


class _Eras:
    """An answer that depends on the day or on the prompt's length."""

    __slots__ = ("_bands", "_changes")

    def __init__(self, changes: tuple[int, ...], bands: list[tuple[int, Rates, Rates]]) -> None:
        self._changes = changes  #: moments, ascending
        self._bands = bands  #: one more than changes

    def at(self, at_ms: int, prompt_tokens: int) -> Rates:
        era = 0
        for change in self._changes:  # three at most: counting is quicker than searching
            if at_ms < change:
                break
            era += 1
        limit, below, above = self._bands[era]
        return below if prompt_tokens <= limit else above


def _row_at(rows: list[PriceRow], at_ms: int) -> PriceRow:
    found = rows[0]
    for row in rows[1:]:
        if row.at_ms <= at_ms:
            found = row
    return found


def _times(rate: int, multiplier: tuple[int, int]) -> int:
    """A rate times a fraction, half up."""
    numerator, denominator = multiplier
    return (2 * rate * numerator + denominator) // (2 * denominator)
