"""What rows of facts may hold: whoever can write to an archive must not be able to break a store that pulls from it.

In: rows whose columns have the right types.   Out: nothing, or `Unsound`. Checked is what is later read without another
look: the packed sightings, by their layout in `core.sightings`, and every JSON text by what its readers expect. More
elements at the end of a row, and more keys, are fine: a later version may have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from lineitem.archive.formats import Unsound
from lineitem.core import sightings as kinds
from lineitem.core.problems import UsageError
from lineitem.insights.findings import SEVERITIES
from lineitem.ledger.facts import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineitem.ledger.facts import Column, Facts

    Row = tuple[Any, ...]

#: No count, sum or moment is larger: a billion dollars in nanodollars.
_MOST = 10**18
_DEEPEST = 24
#: Thousandths of a token per count: no learnt weight is larger; some of the first ones are below 0.
_HEAVIEST = 10**6
#: No version of a shape has more counts.
_COUNTS = 99

Whole = Annotated[int, Meta(ge=-_MOST, le=_MOST)]
Count = Annotated[int, Meta(ge=0, le=_MOST)]
Tokens = Annotated[int, Meta(ge=0, le=10**9)]
Shape = Annotated[list[Count], Meta(min_length=1)]
Usage = Annotated[list[Tokens], Meta(min_length=6, max_length=6)]
Flag = Annotated[int, Meta(ge=0, le=1 << 40)]


class _Piece(Struct, array_like=True, gc=False):
    """Of a text, a tool or a file in a context."""

    kind: str
    name: str
    shape: Shape


class _Block(Struct, array_like=True, gc=False):
    kind: str
    index: int
    id: str
    name: str
    target: str
    shape: Shape


class _Result(Struct, array_like=True, gc=False):
    call: str
    shape: Shape
    failed: Flag
    images: Count
    extra: _ResultExtra | int


class _ResultExtra(Struct, gc=False):
    more: list[Shape] = []
    git: list[str] = []
    ag: str = ""
    st: str = ""
    px: Count = 0


class _Iteration(Struct, array_like=True, gc=False):
    index: Count
    model: str
    counts: Usage
    type: str


class _AnswerExtra(Struct, gc=False):
    ws: Annotated[int, Meta(ge=0, le=10_000)] = 0
    f: Flag = 0
    g: Flag = 0
    b: Flag = 0
    sk: str = ""
    pl: str = ""
    o: str = ""
    th: str = ""
    it: list[_Iteration] = []
    cx: Count = 0


class _UserExtra(Struct, gc=False):
    th: str = ""
    s: str = ""
    c: str = ""
    p: str = ""
    im: Count = 0
    more: list[Shape] = []


class _Answer(Struct, array_like=True, tag=kinds.ANSWER, gc=False):
    n: Count
    uuid: str
    parent: str | None
    at: Count
    mid: str
    request: str
    ref: str
    model: str
    usage: Usage
    extra: _AnswerExtra | int
    blocks: list[_Block]


class _User(Struct, array_like=True, tag=kinds.USER, gc=False):
    n: Count
    uuid: str
    parent: str | None
    at: Count
    flags: Flag
    shape: Shape
    results: list[_Result]
    extra: _UserExtra | int


class _Attachment(Struct, array_like=True, tag=kinds.ATTACHMENT, gc=False):
    n: Count
    uuid: str
    parent: str | None
    at: Count
    what: str
    name: str
    role: Flag
    shape: Shape
    parts: list[_Piece]


class _Compaction(Struct, array_like=True, tag=kinds.COMPACTION, gc=False):
    n: Count
    uuid: str
    parent: str | None
    at: Count
    trigger: str
    before: int
    kept: list[str]


class _Total(Struct, array_like=True, tag=kinds.TOTAL, gc=False):
    n: Count
    at: Count
    nanos: Whole
    started: Count
    models: dict[str, Annotated[list[Whole], Meta(min_length=9)]]
    flags: Flag


class _Sent(Struct, array_like=True, tag=kinds.SENT, gc=False):
    n: Count
    id: str
    shape_hash: str
    base: str
    keep: int
    tail: list[str]
    source: str


class _Blob(Struct, array_like=True, tag=kinds.BLOB, gc=False):
    n: Count
    hash: str
    role: str
    parts: list[_Piece]


class _Shape(Struct, array_like=True, tag=kinds.SHAPE, gc=False):
    n: Count
    hash: str
    parts: list[_Piece]


class _Link(Struct, array_like=True, tag=kinds.LINK, gc=False):
    n: Count
    uuid: str
    parent: str | None


class _Note(Struct, array_like=True, tag=kinds.NOTE, gc=False):
    n: Count
    at: Count
    what: str
    value: list[str | int | float | bool | None]


#: How many values a note has, by what it says.
_NOTES = {"env": 5, "pr-link": 4, "continued-in": 4, "fork-context-ref": 4, "relocated": 4, "worktree-state": 4,
          "scheduled": 1}  # fmt: skip
_SIGHTINGS = msgspec.json.Decoder(
    list[_Answer | _User | _Attachment | _Compaction | _Total | _Sent | _Blob | _Shape | _Link | _Note]
)
_MODELS = msgspec.json.Decoder(dict[str, Annotated[list[Whole], Meta(min_length=9)]])


_BAD = (msgspec.DecodeError, RecursionError, ValueError, TypeError, AttributeError, LookupError, UsageError)


def check(facts: Facts, rows: list[Row]) -> None:
    """Raises Unsound where one of these rows cannot be meant."""
    for at, column in enumerate(facts.columns):
        _check_column(column, [row[at] for row in rows])
    names = [column.name for column in facts.columns]
    for name, reader in _READERS.get(facts.name, {}).items():
        at = names.index(name)
        try:
            for row in rows:
                reader(row[at])
        except _BAD as why:
            raise Unsound(f"a {name} cannot be read") from why
    if facts.name in _WHOLE_ROWS:
        try:
            for row in rows:
                _WHOLE_ROWS[facts.name](row)
        except _BAD as why:
            raise Unsound("a row cannot be read") from why


def _check_column(column: Column, values: list[Any]) -> None:
    known = [value for value in values if value is not None]
    if len(known) < len(values) and not column.null:
        raise Unsound(f"a {column.name} is missing")
    if set(map(type, known)) - {str if column.kind == TEXT else int}:
        raise Unsound(f"a {column.name} is of another type")
    if known and column.kind != TEXT and not -_MOST <= min(known) <= max(known) <= _MOST:
        raise Unsound(f"a {column.name} is too large")


def _sightings(text: str) -> None:
    for row in _SIGHTINGS.decode(text):
        if type(row) is _Note and row.what in _NOTES and len(row.value) < _NOTES[row.what]:
            raise ValueError(row.what)
        if type(row) is _Note and row.what == "env" and any(not isinstance(each, str | None) for each in row.value):
            raise ValueError(row.what)


def _object(text: str) -> None:
    """A JSON object that is not too deep for those who look into it."""
    _not_deep(msgspec.json.decode(text, type=dict[str, Any]), _DEEPEST)


def _not_deep(value: Any, left: int) -> None:
    if left < 0:
        raise ValueError("too deep")
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return
    for each in value:
        _not_deep(each, left - 1)


class _Why(Struct):
    text: str = ""
    suggestion: str = ""
    confidence: str = "unknown"
    cause: str = ""


class _Finding(Struct):
    """What reports read of a finding."""

    rule: str
    session: str
    at: Whole
    subject: str
    measure: str
    call: str
    agent: str
    project: str
    model: str
    value: Whole
    limit: Whole
    usual: Whole | None
    spread: Whole | None
    values: Whole
    level: Any
    score: Whole | None
    why: list[_Why]


class _Followed(Struct):
    """What is read of advice that is followed."""

    kind: str
    subject: str
    project: str
    filter: str
    note: str


class _Return(Struct):
    """What is reckoned with in the note of an event."""

    seconds_since_last_response: float | None = None  # whole numbers, too
    context_tokens: Whole | None = None
    prompt_cache_likely_expired: bool | None = None
    estimated_cache_write_nanos: Whole | None = None
    model: str | None = None


_FINDING = msgspec.json.Decoder(_Finding)
_RETURN = msgspec.json.Decoder(_Return)
_LABELS = msgspec.json.Decoder(dict[str, str | Whole | float | bool | None])
_NUMBERS = msgspec.json.Decoder(list[Whole])
_TEXTS = msgspec.json.Decoder(list[str])


def _event(row: Row) -> None:
    _object(row[-1])
    if row[3] == "SessionStart":
        _RETURN.decode(row[-1])


def _budget(row: Row) -> None:
    from lineitem.core import budgets

    _object(row[3])
    found = budgets.decoded(row[0], row[1], row[3])
    budgets.check_name(found.name)
    budgets.check_period(found.period)
    if type(found.limit) is not int or not 0 <= found.limit <= _MOST:
        raise ValueError(found.limit)
    for share in found.warn:
        if type(share) is not int:
            raise TypeError(share)
    budgets.limit_text(found)
    found.scope.text()


def _audit(row: Row) -> None:
    _object(row[5])
    if row[4] == "override":
        said = msgspec.json.decode(row[5], type=dict[str, Any])
        if type(said["budget"]) is not str or type(said["until"]) is not int:
            raise ValueError(row[4])


def _learnt(row: Row) -> None:
    key, value = row
    if key == "insights/1":
        from lineitem.noticing import Rules

        _object(value)
        Rules(msgspec.json.decode(value)).state()
        return
    numbers = [int(part) for part in value.split()]
    folder = key.partition("/")[0]
    if folder == "weights" and 0 < len(numbers) <= _COUNTS and max(map(abs, numbers)) <= _HEAVIEST:
        return
    if folder == "calibration" and len(numbers) == 3 and min(numbers) >= 0:
        return
    raise ValueError(key)


def _range(text: str) -> None:
    if text and len(_NUMBERS.decode(text)) != 4:
        raise ValueError(text)


def _severity(row: Row) -> None:
    if not 0 <= row[4] < len(SEVERITIES):
        raise ValueError(row[4])


_READERS: dict[str, dict[str, Callable[[str], Any]]] = {
    "sightings": {"rows": _sightings},
    "followed": {"body": msgspec.json.Decoder(_Followed).decode},
    "totals": {"models": _MODELS.decode},
    "api_calls": {"labels": _LABELS.decode},
    "findings": {"body": _FINDING.decode},
    "baselines": {"row": _NUMBERS.decode, "key": _TEXTS.decode},
    "manual_entries": {"range": _range},
}
_WHOLE_ROWS: dict[str, Callable[[Row], None]] = {
    "events": _event,
    "findings": _severity,
    "budgets": _budget,
    "audit": _audit,
    "learnt": _learnt,
}
