"""A filesystem that fails at its nth operation, before or after the operation took effect, or half way through it."""

from __future__ import annotations

from typing import Any, ClassVar

import fsspec  # type: ignore[import-untyped]
from fsspec.implementations.memory import MemoryFileSystem  # type: ignore[import-untyped]


class Stumbled(RuntimeError):
    """What no filesystem is known to raise."""


class Stumbling(MemoryFileSystem):  # type: ignore[misc]
    """`stumble://`: a memory filesystem with a count of its operations."""

    protocol = "stumble"
    cachable = False
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    step: ClassVar[int] = 0
    at: ClassVar[int] = 0  #: 0: never
    how: ClassVar[str] = "before"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + str(path).removeprefix("stumble://").strip("/")

    @classmethod
    def begin(cls, at: int = 0, how: str = "before") -> None:
        cls.step, cls.at, cls.how = 0, at, how

    def _stumbles(self) -> bool:
        Stumbling.step += 1
        if Stumbling.step == self.at and self.how == "before":
            raise Stumbled("connection lost to stumble://mira:hunter2@box")
        return Stumbling.step == self.at

    def pipe_file(self, path: str, value: bytes, **given: Any) -> None:
        if not self._stumbles():
            super().pipe_file(path, value, **given)
            return
        super().pipe_file(path, value if self.how == "after" else value[: len(value) // 2], **given)
        raise Stumbled("connection lost")

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **given: Any) -> bytes:
        stumbles = self._stumbles()
        found: bytes = super().cat_file(path, start, end, **given)
        if stumbles:
            if self.how == "half":  # some answer with less than there is
                return found[: len(found) // 2]
            raise Stumbled("connection lost")
        return found

    def find(self, path: str, *given: Any, **more: Any) -> Any:
        if self._stumbles():
            raise Stumbled("connection lost")
        return super().find(path, *given, **more)

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        if self._stumbles():
            raise Stumbled("connection lost")
        super().makedirs(path, exist_ok)

    def rm_file(self, path: str) -> None:
        if self._stumbles():
            if self.how == "after":
                super().rm_file(path)
            raise Stumbled("connection lost")
        super().rm_file(path)


def register() -> None:
    fsspec.register_implementation("stumble", Stumbling, clobber=True)
