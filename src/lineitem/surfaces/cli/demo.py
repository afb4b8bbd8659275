"""`lineitem demo`: a made-up session through the real pipeline, with no data at all and nothing left behind."""

from __future__ import annotations

import os
import tempfile

from lineitem.surfaces.cli import story
from lineitem.surfaces.cli.output import write_json
from lineitem.surfaces.page import hint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lineitem.reports.session import SessionBill

#: The moment the example is looked at; it asks for no clock, so that it looks the same tomorrow.
NOW = 1_793_620_800_000


def demo(options: dict[str, Any]) -> int:
    """Print the example; the exit code."""
    said = "A made-up example. Yours: `lineitem`, `lineitem session`, `lineitem --help`."
    if options.get("json"):
        hint(said, options)
        write_json(example(lambda bill: bill.json()), options)
        return 0
    from lineitem.surfaces.text import print_session

    def show(bill: SessionBill) -> None:
        print_session(bill, {**options, "timezone": "UTC"}, above=said)

    example(show)
    return 0


def example(look: Callable[[SessionBill], Any]) -> Any:
    """What `look` makes of the bill of the example."""
    from lineitem.core.periods import Zone
    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem

    with tempfile.TemporaryDirectory(prefix="lineitem-demo-") as folder:
        config = os.path.join(folder, "claude")
        story.tell(config)
        # The person's own prices would change the example.
        before = os.environ.get("LINEITEM_SETTINGS")
        os.environ["LINEITEM_SETTINGS"] = os.path.join(folder, "none.toml")
        try:
            lineitem = Lineitem(f"sqlite:///{os.path.join(folder, 'demo.sqlite')}", [config])
            lineitem.refresh()
        finally:
            if before is None:
                del os.environ["LINEITEM_SETTINGS"]
            else:
                os.environ["LINEITEM_SETTINGS"] = before
        try:
            return look(lineitem.session(story.SESSION, Query(Zone("UTC"), NOW)))
        finally:
            lineitem.close()
