"""One line of figures for the statusline: pure, shared by the collector and the statusline process.

In: a dict of figures; each may be missing or None, which means unknown.

    model           str    the model's name
    session         int    nanodollars of the session
    today           int    nanodollars of today, all sessions
    provisional     bool   the costs are not final: they get a ~
    context         int    tokens in the context
    window          int    tokens the context may have
    level           str    health of the session: `green`, `yellow`, `red`
    block           int    nanodollars of the running 5-hour block
    five_hour       int    hundredths of a percent of the plan's 5-hour limit
    five_hour_left  int    milliseconds until it resets
    week            int    hundredths of a percent of the plan's weekly limit
    week_left       int    milliseconds until it resets
    warm            bool   whether the prompt cache still holds the context
    recache         int    tokens that are written again when it goes cold
    recache_nanos   int    what that costs
    anomaly         str    the last thing that stood out, in a few words

Out: one line, at most `columns` wide. What is unknown is left out, or `?` in a format of one's own; never 0. A number
is never cut: where there is too little room, the least important part goes first. Nothing but printable characters
and colours (SGR) comes out, whatever the figures hold.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Figures = dict[str, Any]

THEMES = ("plain", "compact", "powerline")
UNKNOWN = "?"

#: The parts of a line in their order, each with its importance: the least goes first.
_PARTS = {
    "model": 2,
    "session": 10,
    "today": 8,
    "context": 9,
    "limit": 7,
    "week": 5,
    "cache": 4,
    "anomaly": 6,
}
#: Importance of fields that only a format of one's own has.
_FIELDS = {"health": 9, "percent": 9, "window": 3, "block": 7, "cold": 4}

_RED, _YELLOW, _GREEN, _DIM = "31", "33", "32", "2"
_COLOURS = {"red": _RED, "yellow": _YELLOW, "green": _GREEN}
#: Powerline: background and text of the parts, which take turns.
_SHADES = ("48;5;24;38;5;255", "48;5;238;38;5;252")
_BACKGROUNDS = ("24", "238")
_ARROW = "\ue0b0"

#: Two columns wide, in the middle of narrow ones: the medium small squares.
_WIDE = (0x25FD, 0x25FE)

#: Marks that are drawn over their neighbours or take no room.
_INVISIBLE = (
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0xFFA0, 0xFFA0),
    (0xE0100, 0xE01EF),
)


def draw(figures: Figures, theme: str = "plain", form: str = "", columns: int = 0, *, colours: bool = True) -> str:
    """The line; `form` is a format of one's own with {fields}; `columns` 0: as wide as it gets."""
    if form:
        return _own(figures, form[:1000], columns)
    parts = [(_PARTS[name], *part) for name, part in _parts(figures, compact=theme == "compact") if part[0]]
    spare = {"compact": 1, "powerline": 3}.get(theme, 3)
    edge = 2 if theme == "powerline" and colours else 0
    while parts and columns and _wide(parts, spare) + edge > columns:
        parts.remove(min(parts, key=lambda part: part[0]))
    pieces = [(text, colour) for _, text, colour in parts]
    if theme == "powerline" and colours:
        return _powerline(pieces)
    painted = [f"\x1b[{colour}m{text}\x1b[0m" if colour and colours else text for text, colour in pieces]
    if theme == "compact":
        return " ".join(painted)
    return (f" {_paint('|', colours)} ").join(painted)


def harmless(text: str, longest: int = 80) -> str:
    """A text from outside for a terminal: printable, nothing invisible or drawn over its neighbours, cut."""
    text = text[: 8 * longest]
    if not (text.isascii() and text.isprintable()):
        text = "".join(one for one in text if one.isprintable() and not _is_invisible(one))
    if len(text) <= longest:
        return text
    head = text[:longest].rpartition(" ")[0]  # between words, so that no number is cut
    return f"{head[: longest - 1] or text[: longest - 1]}…"


def only_colours(line: str, *, colours: bool) -> str:
    """A drawn line of somebody else's, with nothing but printable characters and colours left of it."""
    first, *rest = line.replace("\r", "\n").split("\n", 1)[0][:4000].split("\x1b")
    kept = [_printable(first)]
    for piece in rest:
        codes, ends, text = piece[1:].partition("m")
        if piece[:1] == "[" and ends and len(codes) <= 32 and set(codes) <= set("0123456789;"):
            kept.append((f"\x1b[{codes}m" if colours else "") + _printable(text))
        else:
            kept.append(_printable(piece))
    return "".join(kept)


def width(text: str) -> int:
    """Columns a text without colours takes, rather one too many."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def money(nanos: int | None, *, provisional: bool = False) -> str:
    """Dollars and cents: $0.42, <$0.01 for a little, ~ where they are not final."""
    if nanos is None or nanos < 0:
        return ""
    mark = "~" if provisional else ""
    if 0 < nanos < 10_000_000:
        return f"{mark}<$0.01"
    cents = (nanos + 5_000_000) // 10_000_000
    return f"{mark}${cents // 100:,}.{cents % 100:02d}"


def tokens(count: int | None) -> str:
    """Three digits and a unit: 950, 84k, 1.2M."""
    if count is None or count < 0:
        return ""
    if count < 1_000:
        return str(count)
    if count < 999_500:
        return f"{(count + 500) // 1_000}k"
    tenths = (count + 50_000) // 100_000
    return f"{tenths // 10:,}.{tenths % 10}M"


def percent(hundredths: int | None) -> str:
    """Whole percent; 0% only for nothing."""
    if hundredths is None or hundredths < 0:
        return ""
    return "<1%" if 0 < hundredths < 50 else f"{(hundredths + 50) // 100:,}%"


def left(millis: int | None) -> str:
    """The two largest units of a time that is still to go: 12m, 1h12m, 2d4h."""
    if millis is None or millis < 0:
        return ""
    minutes = millis // 60_000
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days}d{hours % 24}h"
    return f"{hours}h{minutes % 60:02d}m" if hours else f"{minutes}m"


def _whole(figures: Figures, name: str) -> int | None:
    value = figures.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(figures: Figures, name: str, longest: int) -> str:
    value = figures.get(name)
    return harmless(value, longest) if isinstance(value, str) else ""


def _filled(figures: Figures) -> int | None:
    """Hundredths of a percent of the window."""
    context, window = _whole(figures, "context"), _whole(figures, "window")
    return None if context is None or not window or window < 0 else context * 10_000 // window


def _fields(figures: Figures) -> dict[str, str]:
    """All fields as plain text, '' where they are unknown."""
    provisional = figures.get("provisional") is True
    five_hour, until = percent(_whole(figures, "five_hour")), left(_whole(figures, "five_hour_left"))
    week, week_until = percent(_whole(figures, "week")), left(_whole(figures, "week_left"))
    block = money(_whole(figures, "block"), provisional=provisional)
    return {
        "model": _text(figures, "model", 32),
        "session": money(_whole(figures, "session"), provisional=provisional),
        "today": money(_whole(figures, "today"), provisional=provisional),
        "context": tokens(_whole(figures, "context")),
        "window": tokens(_whole(figures, "window")),
        "percent": percent(_filled(figures)),
        "health": _level(figures),
        "block": block,
        "limit": f"{five_hour} {until}".strip() if five_hour else block,
        "week": f"{week} {week_until}".strip() if week else "",
        "cache": _cache(figures),
        "cold": _cold(figures),
        "anomaly": _text(figures, "anomaly", 60),
    }


def _level(figures: Figures) -> str:
    level = figures.get("level")
    return level if isinstance(level, str) and level in _COLOURS else ""


def _cache(figures: Figures) -> str:
    warm = figures.get("warm")
    return ("warm" if warm else "cold") if isinstance(warm, bool) else ""


def _cold(figures: Figures) -> str:
    """What going cold costs: money where it is known, else the tokens."""
    return money(_whole(figures, "recache_nanos")) or tokens(_whole(figures, "recache"))


def _parts(figures: Figures, *, compact: bool) -> list[tuple[str, tuple[str, str]]]:
    """The parts in their order: (name, (text, colour)), the text '' where the part is unknown."""
    known = _fields(figures)
    session, today, cold = known["session"], known["today"], known["cold"]
    warm = figures.get("warm")
    if compact:
        cache, limit, week = known["cache"], known["limit"].split(" ")[0], known["week"].split(" ")[0]
        context = known["percent"] or known["context"]
        anomaly = known["anomaly"] and "!"
        texts = (
            known["model"], session, today and f"{today}/d", context, limit and f"5h:{limit}", week and f"7d:{week}",
            cache, anomaly,
        )  # fmt: skip
    else:
        size = f"{known['context']}/{known['window']}" if known["window"] else known["context"]
        cache = f"cache {known['cache']}" if known["cache"] else ""
        if cold and warm is not None:
            cache += f" ({cold} if cold)" if warm is True else f" (+{cold})"
        texts = (
            known["model"],
            session and f"{session} session",
            today and f"{today} today",
            known["context"] and f"{size} {known['percent']}".strip(),
            known["limit"] and f"5h {known['limit']}",
            known["week"] and f"week {known['week']}",
            cache,
            known["anomaly"] and f"! {known['anomaly']}",
        )
    colours = {
        "model": _DIM,
        "context": _COLOURS.get(known["health"], ""),
        "limit": _heat(_whole(figures, "five_hour")),
        "week": _heat(_whole(figures, "week")),
        "cache": _YELLOW if warm is False else "",
        "anomaly": _RED,
    }
    return [(name, (text, colours.get(name, ""))) for name, text in zip(_PARTS, texts, strict=True)]


def _heat(hundredths: int | None) -> str:
    """The colour of a limit: red from 90 %, yellow from 75 %."""
    if hundredths is None or hundredths < 7_500:
        return ""
    return _RED if hundredths >= 9_000 else _YELLOW


def _wide(parts: list[Any], spare: int) -> int:
    return sum(width(part[1]) for part in parts) + spare * (len(parts) - 1)


def _paint(text: str, colours: bool) -> str:
    return f"\x1b[{_DIM}m{text}\x1b[0m" if colours else text


def _powerline(pieces: list[tuple[str, str]]) -> str:
    """Parts on coloured ground, each ending in an arrow onto the next one's."""
    drawn = ""
    for index, (text, colour) in enumerate(pieces):
        ground = _BACKGROUNDS[index % 2]
        after = f"48;5;{_BACKGROUNDS[(index + 1) % 2]}" if index + 1 < len(pieces) else "49"
        bright = f";1;{colour}" if colour and colour != _DIM else ""
        lead = " " if index else ""
        drawn += f"\x1b[{_SHADES[index % 2]}{bright}m{lead}{text} \x1b[0;38;5;{ground};{after}m{_ARROW}"
    return f"{drawn}\x1b[0m" if drawn else ""


def _own(figures: Figures, form: str, columns: int) -> str:
    """A format of one's own. Words with a field are parts, and take the words before them along."""
    known = _fields(figures)
    parts: list[tuple[int, str, str]] = []
    before: list[str] = []
    for word in form.split():
        text, importance = _filled_in(word, known)
        before.append(text)
        if importance:
            parts.append((importance, " ".join(before), ""))
            before = []
    if before:
        parts.append((1, " ".join(before), ""))
    while parts and columns and _wide(parts, 1) > columns:
        parts.remove(min(parts, key=lambda part: part[0]))
    return " ".join(text for _, text, _ in parts)


def _filled_in(word: str, known: dict[str, str]) -> tuple[str, int]:
    """A word with its fields filled in, and the importance of the most important; unknown names stay as they are."""
    text, importance = "", 0
    rest = word
    while True:
        plain, opens, rest = rest.partition("{")
        text += _printable(plain)
        if not opens:
            return text, importance
        name, closes, after = rest.partition("}")
        if closes and name in known:
            text += known[name] or UNKNOWN
            importance = max(importance, _PARTS.get(name, 0), _FIELDS.get(name, 0))
            rest = after
        else:
            text += "{"


def _printable(text: str) -> str:
    """Printable characters and the signs of powerline fonts."""
    return "".join(one for one in text if "\ue0a0" <= one <= "\ue0d4" or (one.isprintable() and not _is_invisible(one)))


def _is_invisible(one: str) -> bool:
    code = ord(one)
    return code >= 0x0300 and any(first <= code <= last for first, last in _INVISIBLE)


def _columns(one: str) -> int:
    code = ord(one)
    if code in _WIDE:
        return 2
    if code < 0x1100 or 0x2000 <= code < 0x2300 or 0x2400 <= code < 0x2600 or 0xE0A0 <= code <= 0xE0D4:
        return 1
    return 2
