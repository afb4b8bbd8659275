"""Pseudonyms for a model, and the way back: what it was told it can ask for again.

Without a veil nothing is hidden. With one, names and amounts are those of `incognito`, and an argument that is a
pseudonym this server gave out stands for the name it hides.
"""

from __future__ import annotations

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: So many pseudonyms are remembered.
_MOST = 20_000
#: A shorter beginning of an id is nobody's.
_LEAST = 6


class Veil:
    """Hides, and remembers what it hid."""

    def __init__(self, *, hides: bool) -> None:
        self.hides = hides
        self._real: dict[str, str] = {}

    def over(self, document: Any) -> Any:
        """A document with names and amounts hidden, if they are to be."""
        if not self.hides:
            return document
        from lineitem.surfaces.incognito import obscured

        hidden = obscured(document)
        self._remember(document, hidden)
        return hidden

    def real(self, text: str) -> str:
        """What a text stands for: itself, or the name behind a pseudonym that was given out."""
        if text in self._real or len(text) < _LEAST:
            return self._real.get(text, text)
        found = {real for hidden, real in self._real.items() if hidden.startswith(text)}
        return found.pop() if len(found) == 1 else text

    def reason(self, error: Exception) -> str:
        """Why something could not be answered; it may hold names, so it is kept back where those are hidden."""
        if not self.hides:
            return str(error)
        what = "That cannot be meant" if isinstance(error, UsageError) else "The store cannot answer"
        return f"{what}. Names are hidden here, and so is the reason: the command line tells it."

    def _remember(self, real: Any, hidden: Any) -> None:
        if isinstance(real, str):
            if isinstance(hidden, str) and hidden and hidden != real and len(self._real) < _MOST:
                self._real[hidden] = real
        elif isinstance(real, dict) and isinstance(hidden, dict):
            for key, value in real.items():
                self._remember(value, hidden.get(key))
        elif isinstance(real, list | tuple) and isinstance(hidden, list | tuple):
            for one, other in zip(real, hidden, strict=False):
                self._remember(one, other)
