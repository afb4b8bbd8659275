"""The dashboard: its screens, its keys, and what goes on behind them.

In: how to open a ledger, what is asked, how it looks. Always: whatever happens, the terminal is as it was before.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import Binding
from textual.message import Message

from lineitem.surfaces.tui.anomalies import AnomaliesScreen
from lineitem.surfaces.tui.budgets import BudgetsScreen
from lineitem.surfaces.tui.desk import Desk
from lineitem.surfaces.tui.following import Follower
from lineitem.surfaces.tui.head import PLACES, Status
from lineitem.surfaces.tui.helping import Help, keys_of
from lineitem.surfaces.tui.look import DARK, LIGHT, THEMES
from lineitem.surfaces.tui.question import OpenPeriod, OpenSession, Question
from lineitem.surfaces.tui.session import SessionScreen
from lineitem.surfaces.tui.sessions import PeriodScreen, SessionsScreen
from lineitem.surfaces.tui.timeline import TimelineScreen
from lineitem.surfaces.tui.today import TodayScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineitem.surfaces.tui.answers import Asking
    from lineitem.wiring import Lineitem

SCREENS: dict[str, type[Question]] = {
    "today": TodayScreen, "sessions": SessionsScreen, "timeline": TimelineScreen, "anomalies": AnomaliesScreen,
    "budgets": BudgetsScreen,
}  # fmt: skip
TITLES = {name: title for name, title, _ in PLACES} | {"session": "Session"}


class Changed(Message):
    """The ledger has changed."""


class Told(Message):
    """How reading goes: what is done, and what went wrong (None: as before)."""

    def __init__(self, doing: str, trouble: str | None = None) -> None:
        super().__init__()
        self.doing, self.trouble = doing, trouble


class Dashboard(App[None]):
    """lineitem in a terminal."""

    TITLE = "lineitem"
    CSS_PATH = "dashboard.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Any]] = [
        *(Binding(key, f"go('{name}')", title, show=False) for name, title, key in PLACES),
        Binding("question_mark", "explain", "Help"),
        Binding("t", "theme", "Light or dark", show=False),
        Binding("r", "look", "Read what is new", show=False),
        Binding("q", "quit", "Quit"),
        Binding("ctrl+z", "suspend_process", "Back to the shell for a while", show=False),
        Binding("ctrl+c", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(
        self,
        opened: Callable[..., Lineitem],
        asking: Asking,
        *,
        served: Callable[[Lineitem], bool] | None = None,
        dark: bool = True,
    ) -> None:
        """opened: opens a ledger that only looks, or with `onlooker=False` one that reads.

        served: whether a collector reads this ledger; without, nothing new is read.
        """
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.asking = asking
        self.desk = Desk(lambda: opened(onlooker=True))
        self.doing = self.trouble = ""
        self._follower: Follower | None = None
        if served is not None:
            self._follower = Follower(
                lambda: opened(onlooker=False), served, lambda: self._tell(Changed()),
                lambda text: self._tell(Told(text)), lambda text: self._tell(Told(self.doing, text)),
            )  # fmt: skip
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK if dark else LIGHT
        for name in SCREENS:
            self.add_mode(name, self._maker(name))

    def _maker(self, name: str) -> Callable[[], Question]:
        return lambda: SCREENS[name](self.desk, self.asking)

    # -- beginning and end

    def on_mount(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGTERM)):
            self._heed(number)
        self.app_resume_signal.subscribe(self, lambda _: self._redraw())
        self.switch_mode("today")
        if self._follower is not None:
            self._follower.start()

    def _redraw(self) -> None:
        """Back from the shell: nothing is left on the screen."""
        self.screen.refresh(layout=True)
        for widget in self.screen.query("*"):
            widget.refresh()

    def _heed(self, number: signal.Signals) -> None:
        """Leave in order when told to from outside."""
        import asyncio

        try:
            asyncio.get_running_loop().add_signal_handler(number, self.exit)
        except (NotImplementedError, RuntimeError, ValueError):  # Windows, or a loop in a thread of a test
            return

    def end(self) -> None:
        """Stop all that goes on behind the screens."""
        self.desk.close()
        if self._follower is not None:
            self._follower.end()

    def _handle_exception(self, error: Exception) -> None:
        """What breaks is told in a sentence by the command line; the terminal is restored before."""
        if self.is_headless:
            super()._handle_exception(error)
            return
        self._return_code = 1
        if self._exception is None:
            self._exception = error
        self._close_messages_no_wait()

    @property
    def broken(self) -> Exception | None:
        """What ended the dashboard, where that was no person."""
        return self._exception

    # -- what goes on behind

    def _tell(self, message: Message) -> None:
        """From another thread."""
        if self.is_running:
            self.post_message(message)

    def on_changed(self) -> None:
        if isinstance(self.screen, Question):
            self.screen.ask()

    def on_told(self, message: Told) -> None:
        self.doing = message.doing
        if message.trouble is not None:
            self.trouble = message.trouble
        self.on_shown()

    def on_shown(self) -> None:
        """Tell the screen that is shown how reading goes."""
        for status in self.screen.query(Status):
            status.doing(self.doing)
            status.trouble("reading", self.trouble)

    # -- keys

    def action_go(self, name: str) -> None:
        """Show one of the screens; again, and it is left as it was at first."""
        if isinstance(self.screen, Help):
            self.pop_screen()
        if self.current_mode == name and len(self.screen_stack) > 1:
            self.action_leave()
        self.switch_mode(name)

    def action_leave(self) -> None:
        """Leave a screen that stands on another."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def on_open_session(self, message: OpenSession) -> None:
        if message.session:
            self.push_screen(SessionScreen(self.desk, self.asking, message.session, message.call))

    def on_open_period(self, message: OpenPeriod) -> None:
        self.push_screen(PeriodScreen(self.desk, self.asking.of(message.kind, message.label), message.label))

    def action_theme(self) -> None:
        self.theme = LIGHT if self.current_theme.dark else DARK

    def action_look(self) -> None:
        if self._follower is not None:
            self._follower.look()
        self.on_changed()

    def action_explain(self) -> None:
        """Say what the screen is for, and its keys."""
        screen = self.screen
        if isinstance(screen, Question):
            keys = keys_of([*screen.keys(), *self.BINDINGS])
            self.push_screen(Help(TITLES[screen.NAME], screen.HELP, keys))
