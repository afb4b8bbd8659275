"""A message as each place wants it written: plain text, a desktop's markup, CommonMark, HTML.

In: a message; its lines are ours, yet nothing is taken on trust. Out: text in which everything but our own
structure is escaped, at most `LONGEST` characters of content, cut between lines.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineitem.alerts.messages import Message

#: Characters of a text: Discord takes 2,000, and escaping must still fit.
LONGEST = 1800
#: Unicode's controls, invisible formats, surrogates, private characters, line and paragraph separators.
_UNWANTED = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
#: Signs that mean something inside a line of CommonMark; the others only at its beginning, and that is ours.
_MARKUP = frozenset("\\`*_[]<>#&~|!")


def harmless(text: str) -> str:
    """Without control, bidi, zero-width and other invisible characters."""
    from unicodedata import category

    return "".join(letter if category(letter) not in _UNWANTED else " " for letter in text)


def plain(message: Message) -> str:
    """Lines of text, for terminals and plain mail."""
    return "\n".join(harmless(text) for text, _ in _lines(message))


def markup(message: Message) -> str:
    """The body of a desktop notification, where servers read &, < and > as markup."""
    from html import escape

    return "\n".join(escape(harmless(text), quote=False) for text, _ in _lines(message))


def commonmark(message: Message) -> str:
    """CommonMark with every sign escaped; headings in bold, lines as a list."""
    parts = []
    for text, heading in _lines(message):
        escaped = escape_markup(harmless(text))
        parts.append(f"\n**{escaped}**\n" if heading else f"- {escaped}")
    return "\n".join(parts).strip("\n")


def html(message: Message) -> str:
    """A small HTML document body: a heading and a list for each section."""
    from html import escape

    parts: list[str] = []
    listed = False
    for text, heading in _lines(message):
        if heading and listed:
            parts.append("</ul>")
        if heading:
            parts.append(f"<h3>{escape(harmless(text))}</h3>")
            listed = False
            continue
        if not listed:
            parts.append("<ul>")
            listed = True
        parts.append(f"<li>{escape(harmless(text))}</li>")
    if listed:
        parts.append("</ul>")
    return "".join(parts)


def escape_markup(text: str) -> str:
    """Text with a backslash before signs that mean something; no mention and no bare address comes to life."""
    # services look for these before they look for backslashes
    dead = text.replace("@", "\uff20").replace("://", ": //")
    return "".join("\\" + letter if letter in _MARKUP else letter for letter in dead)


def _lines(message: Message) -> Iterator[tuple[str, bool]]:
    """(text, whether it is a heading), as long as there is room."""
    room = LONGEST
    for section in message.sections:
        for text, heading in ((section.heading, True), *((line, False) for line in section.lines)):
            if not text:
                continue
            room -= len(text) + 1
            if room < 0:
                yield "…", False
                return
            yield text, heading
