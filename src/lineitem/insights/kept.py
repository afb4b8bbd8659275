"""A bounded memory of what was used last: a stream of ever new names cannot fill the machine's."""

from __future__ import annotations

from typing import Generic, TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

V = TypeVar("V")
#: How many sessions or threads are at work at a time, amply.
_LATEST = 50


class Kept(Generic[V]):
    """Values by key. One more than `most`: the one that was not asked for the longest is forgotten."""

    __slots__ = ("_make", "_values", "most")

    def __init__(self, most: int, make: Callable[[], V]) -> None:
        self.most = most
        self._make = make
        self._values: dict[Hashable, V] = {}

    def __len__(self) -> int:
        return len(self._values)

    def of(self, key: Hashable) -> V:
        """The value of a key, made where there is none."""
        value = self._values.pop(key, None)
        self.put(key, self._make() if value is None else value)
        return self._values[key]

    def known(self, key: Hashable) -> V | None:
        """The value of a key, None where there is none; it does not count as used."""
        return self._values.get(key)

    def put(self, key: Hashable, value: V) -> None:
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self.most:
            del self._values[next(iter(self._values))]

    def forget(self, key: Hashable) -> None:
        self._values.pop(key, None)

    def items(self) -> Iterator[tuple[Hashable, V]]:
        """Longest unused first."""
        return iter(list(self._values.items()))

    def latest(self) -> list[tuple[Hashable, V]]:
        """Those used last, longest unused first: as many as are worth writing down after every round."""
        return list(self._values.items())[-_LATEST:]
