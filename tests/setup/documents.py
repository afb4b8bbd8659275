"""Settings documents of every kind, as Hypothesis strategies: what people, editors and other tools leave behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

BOM = b"\xef\xbb\xbf"
EVENTS = ["PreToolUse", "PostToolUse", "Stop", "SessionStart", "SessionEnd", "Notification", "FromTheFuture"]


class Spelt(str):
    """A number as somebody wrote it."""

    __slots__ = ()


NUMBER = st.sampled_from(
    [Spelt(x) for x in ("0", "-0", "1.50", "1e5", "1E+2", "0.10", "1e999", "9" * 40, "9" * 5_000)]
) | st.integers().map(str).map(Spelt)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=12) | st.sampled_from(
    ["// no comment", '"', "\\", "}", "]", ",", "/*", "ünï", "\u2028", "\x85", "lineitem", "a\\"]
)
NAME = TEXT | st.sampled_from(["model", "permissions", "mcpServers", "theme"])
SCALAR = st.none() | st.booleans() | NUMBER | TEXT
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=8,
)
DEEP = st.integers(10, 60).map(lambda depth: json.loads("[" * depth + '{"a":' + "{}" + "}" + "]" * depth))

HANDLER: st.SearchStrategy[Any] = st.one_of(
    st.builds(lambda command: {"type": "command", "command": command}, TEXT),
    st.just({"type": "command", "command": "uv run lineitem_hook/forward.py", "timeout": Spelt("5.0")}),
    st.just({"type": "command", "command": "python", "args": ["-I", "-S", "/opt/other/forward.py", "x"]}),
    st.just({"type": "http", "url": "http://127.0.0.1:4953/v1/hook"}),  # our address, without our mark
    st.just({"type": "http", "url": "https://example.org/v1/hook", "headers": {"x-lineitem-hook": "1"}}),
    st.just({"type": "http", "url": ["http://127.0.0.1:4953/v1/hook"], "headers": 3}),
    VALUE,
)
GROUP: st.SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries({"hooks": st.lists(HANDLER, max_size=3)}, optional={"matcher": TEXT, "more": VALUE}),
    VALUE,
)
HOOKS = st.dictionaries(st.sampled_from(EVENTS), st.lists(GROUP, max_size=3), max_size=4)
STATUS: st.SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("command"), "command": TEXT},
        optional={"padding": NUMBER, "refreshInterval": NUMBER, "more": VALUE},
    ),
    VALUE,
)
ENV: st.SearchStrategy[Any] = st.one_of(
    st.dictionaries(
        TEXT | st.sampled_from(["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_LOGS_EXPORTER", "CLAUDE_CODE_ENABLE_TELEMETRY"]),
        st.sampled_from(["1", "otlp", "http://127.0.0.1:9/x", "http://127.0.0.1:4953"]) | VALUE,
        max_size=3,
    ),
    VALUE,
)
URLS = st.lists(st.sampled_from(["http://127.0.0.1:4953/v1/hook", "http://127.0.0.1:*", "*"]) | VALUE, max_size=3)


@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    """A settings object, its members in any order."""
    members = draw(st.dictionaries(NAME, VALUE | DEEP, max_size=4))
    known = {"hooks": HOOKS, "statusLine": STATUS, "env": ENV, "allowedHttpHookUrls": URLS | VALUE}
    for name, strategy in known.items():
        if draw(st.booleans()):
            members[name] = draw(strategy)
    order = draw(st.permutations(sorted(members)))
    return {name: members[name] for name in order}


class Hand:
    """A way of writing JSON."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.newline = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
        self.unit = draw(st.sampled_from(["  ", "\t", "    ", " ", ""]))
        self.colon = draw(st.sampled_from([": ", ":", " : "]))
        self.way = draw(st.sampled_from(["lines", "lines", "one line", "wild"]))
        self.ascii = draw(st.booleans())

    def gap(self, depth: int) -> str:
        """White space after a bracket or a comma, or before a closing bracket."""
        if self.way == "wild":
            return self.draw(st.sampled_from(["", " ", "\t", self.newline, self.newline + self.unit, "  "]))
        return self.newline + self.unit * depth if self.way == "lines" else ""

    def write(self, value: Any, depth: int = 0) -> str:
        if isinstance(value, Spelt):
            return str(value)
        if isinstance(value, dict):
            parts = [
                json.dumps(name, ensure_ascii=self.ascii) + self.colon + self.write(inner, depth + 1)
                for name, inner in value.items()
            ]
        elif isinstance(value, list):
            parts = [self.write(inner, depth + 1) for inner in value]
        else:
            return json.dumps(value, ensure_ascii=self.ascii)
        first, last = "{}" if isinstance(value, dict) else "[]"
        if not parts:
            return first + (self.gap(depth) if self.way == "wild" else "") + last
        middle = (("" if self.way != "wild" else self.gap(depth)) + ",").join(self.gap(depth + 1) + p for p in parts)
        return first + middle + self.gap(depth) + last


@st.composite
def written(draw: st.DrawFn) -> bytes:
    """The bytes of a settings.json that is fit to be edited."""
    hand = Hand(draw)
    text = hand.write(draw(settings()))
    around = draw(st.sampled_from([("", ""), ("", hand.newline), ("", hand.newline * 3), (" ", "\t")]))
    return (BOM if draw(st.booleans()) else b"") + (around[0] + text + around[1]).encode()


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """The bytes of a file that must not be touched."""
    whole = draw(written())
    first, last = whole.index(b"{") + 1, whole.rindex(b"}")
    inside = whole[first:last]
    comma = b"," if inside.strip() else b""
    head, rest = b"{", comma + inside + whole[last:]
    ways: dict[str, Callable[[], bytes]] = {
        "line comment": lambda: whole[:first] + b"// mine\n" + whole[first:],
        "block comment": lambda: whole[:last] + b"/* mine */" + whole[last:],
        "comment behind": lambda: whole + b"# mine",
        "cut off": lambda: whole[:last],
        "trailing comma": lambda: whole[:last] + b"," + whole[last:],
        "twice": lambda: head + b'"a": 1, "a": 2' + rest,
        "twice, inside, escaped": lambda: head + b'"x": {"\\u0061": 1, "a": 2}' + rest,
        "not a number": lambda: head + b'"x": NaN' + rest,
        "not UTF-8": lambda: head + b'"x": "\xff"' + rest,
        "raw tab": lambda: head + b'"x": "a\tb"' + rest,
        "UTF-16": lambda: whole.decode("utf-8-sig").encode("utf-16"),
        "a list": lambda: b"[" + whole.removeprefix(BOM) + b"]",
        "two documents": lambda: whole + whole.removeprefix(BOM),
        "too deep": lambda: head + b'"x": ' + b"[" * 100_000 + b"]" * 100_000 + rest,
        "zeros": lambda: b"\x00" * 10,
        "white space": lambda: b" \n",
        "empty": lambda: b"",
    }
    return ways[draw(st.sampled_from(sorted(ways)))]()
