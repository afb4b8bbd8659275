"""Stand-ins for a client of the SDK, its messages and its streams: they hand everything on and tell what was used.

In: the real ones, and whom to tell. Out: objects that behave as the real ones do, `isinstance` included. Always: what
the real one gives, raises or hands back is what the caller gets.
"""

from __future__ import annotations

import inspect
from contextlib import suppress
from typing import Any

from lineitem.sources.sdk import Told, get

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    Tell = Callable[[Any, bool], None]  #: (answer, whether it is whole)

#: What a follower has of its own.
_OURS = frozenset(("_inner", "_tell", "_told", "_stream", "_made"))
#: Methods whose results say what was used, what gives those whose results are raw, and what gives another client.
_MAKING = frozenset(("create", "parse", "stream"))
_RAW = frozenset(("with_raw_response", "with_streaming_response"))
_AGAIN = frozenset(("copy", "with_options"))


class Follower:
    """Hands every attribute on to what it stands for."""

    def __init__(self, inner: Any, tell: Tell) -> None:
        object.__setattr__(self, "_inner", inner)
        object.__setattr__(self, "_tell", tell)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._inner)

    def __getattr__(self, name: str) -> Any:
        return self._of_inner(name)

    def _of_inner(self, name: str) -> Any:
        if name in _OURS:  # not made yet: while it is copied, or fell while it was made
            raise AttributeError(name)
        return getattr(self._inner, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._inner, name, value)

    def __repr__(self) -> str:
        return repr(self._inner)


class Client(Follower):
    """A client, or its `beta`."""

    def __getattr__(self, name: str) -> Any:
        found = self._of_inner(name)
        if name == "messages":
            return Messages(found, self._tell)
        if name == "beta":
            return Client(found, self._tell)
        if name in _AGAIN and callable(found):
            tell = self._tell
            return lambda *given, **named: Client(found(*given, **named), tell)
        return found

    def __enter__(self) -> Any:
        self._inner.__enter__()
        return self

    def __exit__(self, *error: object) -> Any:
        return self._inner.__exit__(*error)

    async def __aenter__(self) -> Any:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> Any:
        return await self._inner.__aexit__(*error)


class Messages(Follower):
    """Where messages are made."""

    def __getattr__(self, name: str) -> Any:
        found = self._of_inner(name)
        if name in _RAW:
            return RawMessages(found, self._tell)
        if name not in _MAKING or not callable(found):
            return found
        tell = self._tell
        return lambda *given, **named: followed(found(*given, **named), tell)


class RawMessages(Follower):
    """Where messages are made whose answers come as responses: with headers, and to be parsed."""

    def __getattr__(self, name: str) -> Any:
        found = self._of_inner(name)
        if name not in _MAKING or not callable(found):
            return found
        tell = self._tell
        return lambda *given, **named: responded(found(*given, **named), tell)


def followed(result: Any, tell: Tell) -> Any:
    """What a method gave, so that it is told what was used: at once, or when it is known."""
    if get(result, "usage") is not None:
        tell(result, True)
        return result
    kind = type(result)
    if inspect.isawaitable(result):
        return _later(result, tell)
    if hasattr(kind, "__anext__"):
        return AsyncEvents(result, tell)
    if hasattr(kind, "__next__"):
        return Events(result, tell)
    if hasattr(kind, "__aenter__"):
        return AsyncManager(result, tell)
    if hasattr(kind, "__enter__"):
        return Manager(result, tell)
    return result


async def _later(result: Any, tell: Tell) -> Any:
    return followed(await result, tell)


def responded(result: Any, tell: Tell) -> Any:
    """What a raw method gave: a response, something that is entered to get one, or one that comes later."""
    kind = type(result)
    if inspect.isawaitable(result):
        return _responded_later(result, tell)
    if hasattr(kind, "parse"):
        made = Response(result, tell)
        if get(result, "is_closed") is True:  # all of it is there, and perhaps nobody parses it
            with suppress(Exception):  # then it is no answer, and that is the caller's to find out
                made.parse()
        return made
    if hasattr(kind, "__aenter__"):
        return AsyncOpening(result, tell)
    return Opening(result, tell) if hasattr(kind, "__enter__") else result


async def _responded_later(result: Any, tell: Tell) -> Any:
    inner = await result
    if not hasattr(type(inner), "parse"):
        return inner
    made = Response(inner, tell)
    if get(inner, "is_closed") is True:
        with suppress(Exception):
            found = made.parse()
            if inspect.isawaitable(found):
                await found
    return made


class Response(Follower):
    """A raw response: told when it is parsed, streams when they end."""

    def __init__(self, inner: Any, tell: Tell) -> None:
        super().__init__(inner, tell)
        object.__setattr__(self, "_made", {})

    def parse(self, *given: Any, **named: Any) -> Any:
        found = self._inner.parse(*given, **named)
        return self._parsed_later(found) if inspect.isawaitable(found) else self._parsed(found)

    async def _parsed_later(self, found: Any) -> Any:
        return self._parsed(await found)

    def _parsed(self, found: Any) -> Any:
        """The same stand-in for the same stream, however often it is asked for."""
        if id(found) not in self._made:
            self._made[id(found)] = found, followed(found, self._tell)
        return self._made[id(found)][1]


class Opening(Follower):
    """What `with_streaming_response` gives: a response as long as it is entered."""

    def __enter__(self) -> Any:
        return Response(self._inner.__enter__(), self._tell)

    def __exit__(self, *error: object) -> Any:
        return self._inner.__exit__(*error)


class AsyncOpening(Follower):
    """The same of an asynchronous client."""

    async def __aenter__(self) -> Any:
        return Response(await self._inner.__aenter__(), self._tell)

    async def __aexit__(self, *error: object) -> Any:
        return await self._inner.__aexit__(*error)


class _Heard(Follower):
    """A stream of events: told once, when it has ended or is left."""

    def __init__(self, inner: Any, tell: Tell) -> None:
        super().__init__(inner, tell)
        object.__setattr__(self, "_told", Told())

    def _end(self) -> None:
        told: Told | None = self.__dict__.get("_told")
        if told is not None:
            object.__setattr__(self, "_told", None)
            answer = told.answer()
            if answer is not None:
                self._tell(answer, told.done)

    def _take(self, event: Any) -> Any:
        if self._told is not None:
            self._told.take(event)
            if self._told.done:
                self._end()
        return event

    def __del__(self) -> None:
        self._end()


class Events(_Heard):
    """What `create(stream=True)` gives."""

    def __next__(self) -> Any:
        try:
            return self._take(next(self._inner))
        except BaseException:
            self._end()
            raise

    def __iter__(self) -> Iterator[Any]:
        try:
            for event in self._inner:
                yield self._take(event)
        finally:
            self._end()

    def __enter__(self) -> Any:
        self._inner.__enter__()
        return self

    def __exit__(self, *error: object) -> Any:
        self._end()
        return self._inner.__exit__(*error)

    def close(self) -> None:
        self._end()
        self._inner.close()


class AsyncEvents(_Heard):
    """The same of an asynchronous client."""

    async def __anext__(self) -> Any:
        try:
            return self._take(await self._inner.__anext__())
        except BaseException:
            self._end()
            raise

    async def __aiter__(self) -> AsyncIterator[Any]:
        try:
            async for event in self._inner:
                yield self._take(event)
        finally:
            self._end()

    async def __aenter__(self) -> Any:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> Any:
        self._end()
        return await self._inner.__aexit__(*error)

    async def close(self) -> None:
        self._end()
        await self._inner.close()


class Manager(Follower):
    """What `stream()` gives: its stream is the real one, and is told when it is left."""

    def __enter__(self) -> Any:
        stream = self._inner.__enter__()
        object.__setattr__(self, "_stream", stream)
        return stream

    def __exit__(self, *error: object) -> Any:
        _tell_snapshot(self.__dict__.pop("_stream", None), self._tell)
        return self._inner.__exit__(*error)


class AsyncManager(Follower):
    """The same of an asynchronous client."""

    async def __aenter__(self) -> Any:
        stream = await self._inner.__aenter__()
        object.__setattr__(self, "_stream", stream)
        return stream

    async def __aexit__(self, *error: object) -> Any:
        _tell_snapshot(self.__dict__.pop("_stream", None), self._tell)
        return await self._inner.__aexit__(*error)


def _tell_snapshot(stream: Any, tell: Tell) -> None:
    """Tell the message that a stream has gathered, if it began one."""
    message = get(stream, "current_message_snapshot")
    if message is not None:
        tell(message, get(message, "stop_reason") is not None)
