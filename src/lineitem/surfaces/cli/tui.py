"""`lineitem tui`: the dashboard in a terminal."""

from __future__ import annotations

import sys

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem

#: What is said where the extra is not installed.
_MISSING = "lineitem tui: needs Textual, which is not installed. `pip install 'lineitem[tui]'` gets it.\n"


def tui(lineitem: Lineitem, make: Callable[[], Query], options: dict[str, Any]) -> int:
    """Show the dashboard until the person leaves it; the exit code.

    lineitem: opened, so that what is wrong with the store is told before the screen is taken.   make: the query meant.
    """
    theme = options.get("theme", "")
    if theme not in ("", "dark", "light"):
        raise UsageError(f"--theme is dark or light, not '{theme}'.")
    make()
    import os

    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise UsageError("The dashboard needs a terminal. `lineitem watch --once` and `lineitem today` print.")
    if options.get("no_color"):
        os.environ["NO_COLOR"] = "1"
    if not os.environ.get("NO_COLOR"):  # Textual takes an empty one for a wish
        os.environ.pop("NO_COLOR", None)
    try:
        from lineitem.surfaces.tui.dashboard import Dashboard
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "textual":
            raise
        sys.stderr.write(_MISSING)
        return 2
    import gc

    gc.enable()  # this process lives for hours
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)  # a bill is a hundred thousand objects: looking at them all is felt
    sys.setswitchinterval(0.001)  # keys come before reports
    from lineitem.server.serve import running
    from lineitem.setup.live_folder import place_of
    from lineitem.surfaces.tui.answers import Asking
    from lineitem.wiring import Lineitem

    live = place_of(lineitem.path)

    def opened(*, onlooker: bool) -> Lineitem:
        return Lineitem(options.get("db", ""), options.get("config_dir", ()), alone=True, onlooker=onlooker)

    app = Dashboard(opened, Asking(make, bool(options.get("incognito"))), served=lambda _: running(live) is not None,
                    dark=_dark(theme))  # fmt: skip
    try:
        app.run()
    finally:
        app.end()
    if app.broken is not None:
        raise app.broken
    return app.return_code or 0


def _dark(theme: str) -> bool:
    """Whether the screen is dark: as was said, else as the terminal says where it does."""
    import os

    if theme:
        return theme == "dark"
    ground = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return ground not in ("7", "15")
