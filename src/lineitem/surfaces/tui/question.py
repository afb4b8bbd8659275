"""What all screens have in common: each asks one question, draws the answer, and explains itself.

A question is asked when its screen is shown, when the ledger has changed, and now and then since clocks go on; always
in a thread. While one is under way no other is asked: it is asked again afterwards. Who leaves the screen stops it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen

from lineitem.core.problems import LineitemError
from lineitem.surfaces.tui.desk import Dropped
from lineitem.surfaces.tui.foot import Foot
from lineitem.surfaces.tui.head import Head, Status

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from lineitem.surfaces.tui.answers import Asking
    from lineitem.surfaces.tui.desk import Desk
    from lineitem.wiring import Lineitem

#: Seconds after which a question is asked again though nothing changed, and how many times as long as it took.
AGAIN, GENTLY = 15.0, 40


class Answered(Message):
    """The answer to a screen's question; `number`: of the question."""

    def __init__(self, number: int, answer: Any, said: str, took: float) -> None:
        super().__init__()
        self.number, self.answer, self.said, self.took = number, answer, said, took


class Shown(Message):
    """A screen is shown, and would like to know how reading goes."""


class OpenSession(Message):
    """One session is asked for, at a tool call where one is named."""

    def __init__(self, session: str, call: str = "") -> None:
        super().__init__()
        self.session, self.call = session, call


class OpenPeriod(Message):
    """The sessions of one period are asked for: of a timeline, by its label."""

    def __init__(self, kind: str, label: str) -> None:
        super().__init__()
        self.kind, self.label = kind, label


class Question(Screen[None]):
    """A screen that asks `question` and draws what it is answered."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (110, "-roomy"), (160, "-wide")]  # noqa: RUF012 - Textual's
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-high")]  # noqa: RUF012 - Textual's
    #: What this screen is for, and what stands on it: for its help.
    HELP: ClassVar[str] = ""
    NAME: ClassVar[str] = ""

    def __init__(self, desk: Desk, asking: Asking) -> None:
        super().__init__()
        self.desk, self.asking = desk, asking
        self.answer: Any = None
        self._number = 0
        self._under_way = self._once_more = self._shown = False
        self._next = 0.0

    # -- for those who are one

    def question(self, lineitem: Lineitem) -> Any:
        """Ask, in a thread."""
        raise NotImplementedError

    def content(self) -> ComposeResult:
        """What the screen shows."""
        raise NotImplementedError

    def draw(self, answer: Any) -> None:
        """Show an answer."""
        raise NotImplementedError

    @classmethod
    def keys(cls) -> list[Any]:
        """The bindings that are this screen's own."""
        kinds = [kind for kind in cls.__mro__ if issubclass(kind, Question)]
        return [binding for kind in kinds for binding in kind.__dict__.get("BINDINGS", ())]

    @property
    def waiting(self) -> bool:
        """Whether an answer is under way."""
        return self._under_way

    # -- asking

    def compose(self) -> ComposeResult:
        yield Head(self.NAME)
        with Vertical(id="content"):
            yield from self.content()
        yield Status()
        yield Foot()

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)

    def on_screen_resume(self) -> None:
        self._shown = True
        self.post_message(Shown())
        self.ask()

    def on_screen_suspend(self) -> None:
        self._shown = False
        self.leave()

    def on_unmount(self) -> None:
        self.leave()

    def leave(self) -> None:
        """Nobody waits for the answer any more."""
        self._number += 1
        self._under_way = self._once_more = False
        self.desk.drop((self, self._number - 1))

    def anew(self) -> None:
        """Another question is meant: the one under way is dropped."""
        self.leave()
        self.ask()

    def ask(self) -> None:
        """Ask, where the screen is shown; after the question under way, where there is one."""
        if not self._shown:
            return
        if self._under_way:
            self._once_more = True
            return
        self._under_way = True
        number = self._number
        self.run_worker(lambda: self._asked(number), thread=True, group="ask", exit_on_error=False)

    def _asked(self, number: int) -> None:
        """In a thread."""
        began = time.monotonic()
        answer, said = None, ""
        try:
            answer = self.desk.ask((self, number), self.question)
        except Dropped:
            return
        except LineitemError as error:
            said = str(error)
        except Exception as error:  # noqa: BLE001 - the rim of a thread: a sentence at the bottom, not a traceback
            said = f"{type(error).__name__}: {error}"
        self.post_message(Answered(number, answer, said, time.monotonic() - began))

    def on_answered(self, message: Answered) -> None:
        message.stop()
        if message.number != self._number:
            return
        self._under_way = False
        self._next = time.monotonic() + max(AGAIN, GENTLY * message.took)
        self.query_one(Status).trouble("question", message.said)
        if message.answer is not None:
            self.answer = message.answer
            self.draw(message.answer)
        if self._once_more:
            self._once_more = False
            self.ask()

    def _tick(self) -> None:
        if self._shown and not self._under_way and self._next and time.monotonic() > self._next:
            self.ask()
