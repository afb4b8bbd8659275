"""Stores with something of every kind of fact, and what a store says of its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineitem.archive import pull, push
from lineitem.archive.place import open_place
from lineitem.core.budgets import Budget, encoded
from lineitem.core.live import ApiCall, Event, Snapshot, ToolDone
from lineitem.core.manual import Entry, ManualSession
from lineitem.ledger import audit, budgets, findings, guesses, live, manual, savings
from lineitem.ledger.facts import TABLES, rows_of
from tests.telling.digests import Said, derived
from tests.telling.stores import Books

if TYPE_CHECKING:
    from lineitem.archive.pull import Pulled
    from lineitem.archive.push import Pushed
    from lineitem.ledger.store import Ledger

AT = 1_793_600_000_000
FINDING = (
    '{"rule":"spike","severity":1,"session":"one","project":"-code-shop","at":1793600000000,"subject":"Bash",'
    '"measure":"tokens","value":900,"limit":300,"usual":100,"spread":10,"values":40,"score":300,"level":"all",'
    '"call":"toolu_1","agent":"","model":"claude-opus-5-5","again":false,"facts":{},'
    '"why":[{"cause":"x","text":"It read much.","suggestion":"","confidence":"sure"}]}'
)


def live_facts(ledger: Ledger, name: str = "one", at: int = AT) -> None:
    """What live sources, a person and the rules leave in a store."""
    with ledger.transaction():
        live.keep_events(
            ledger,
            [
                Event(f"e2-{name}", name, at, "PreToolUse", tool="Bash", call="toolu_1", note='{"kind":"x"}'),
                Event(f"e1-{name}", name, at, "PostToolUse", tool="Bash", call="toolu_1", duration=4, size_out=90),
                Event(f"e0-{name}", name, at - 40 * 86_400_000, "SessionStart", note='{"source":"resume"}'),
            ],
        )
        live.keep_snapshots(ledger, [Snapshot(name, at, "claude-opus-5-5", nanos=5, warm=True, cwd="/code/shop")])
        live.keep_api_calls(
            ledger,
            [ApiCall(f"r-{name}", name, at, f"r-{name}", "claude-opus-5-5", "repl_main_thread", "", "", 3, 40, 900, 0,
                     8000, 77, labels='{"team":"web"}')],
        )  # fmt: skip
        live.keep_tools_done(ledger, [ToolDone(f"t-{name}", name, at, "Bash", f"r-{name}", "", "", 10, 20, True, None)])
        body = encoded(Budget("shop", "month", 5_000_000_000))
        budgets.begin(ledger, f"shop-{name}", at, body)
        budgets.begin(ledger, f"shop-{name}", at + 1, body.replace("5000000000", "6000000000"))
        audit.append(ledger, f"a-{name}", at, "lineitem", "budget added", '{"budget":"shop"}')
        audit.append(ledger, f"b-{name}", at + 5, "mira", "override", '{"budget":"shop","until":1}')
        manual.begin(ledger, ManualSession(f"m-{name}", "checkout", f"/code/{name}", f"/code/{name}", at, None, "", 5,
                                           None))  # fmt: skip
        manual.keep(
            ledger,
            [Entry(f"x-{name}", f"m-{name}", f"/code/{name}", at, "quick", "review", "pull request 7",
                   "claude-opus-5-5", 5, 0, 0, 0, 9, 0, "", "", (1, 2, 3, 4))],
        )  # fmt: skip
        savings.mark(ledger, f"f-{name}", at, '{"kind":"model","subject":"x","project":"","filter":"","note":""}')
        savings.unmark(ledger, f"f-{name}", at + 9)
        savings.mark(ledger, f"f-{name}", at + 9, '{"kind":"model","subject":"y","project":"","filter":"","note":""}')
        findings.keep_findings(ledger, [(f"k-{name}", at, name, "spike", 1, 0, FINDING)])
        findings.keep_scored(ledger, [], [(ledger.name(name), at)])
        findings.keep_baselines(ledger, [("tokens", f'["Bash","{name}"]', at, "[40,0,1,2,3]")])
        guesses.note(ledger, [f"k-{name}"], at)
        number = guesses.reserve(ledger, f"d-{name}", at, "claude-haiku-4-5", 900, 0, 10**9)
        assert number is not None
        guesses.answered(ledger, number, 500, (1, 0, 0, 0, 2), ("loop", "likely", "It went round."))
        guesses.settle(ledger, f"k-{name}", at, f"d-{name}")


def facts_of(ledger: Ledger) -> dict[str, list[Any]]:
    """Every table of facts as it would be pushed; names alone say nothing."""
    return {facts.name: list(rows_of(ledger, facts)) for facts in TABLES if facts.name != "names"}


def all_of(store: Books) -> tuple[dict[str, list[Any]], Said]:
    """Facts, and all that is derived of them."""
    store.fold()
    return facts_of(store.ledger), derived(store.ledger)


def pushed(store: Books, url: object, format_: str = "", *, dry: bool = False, verify: bool = False) -> Pushed:
    return push.push(store.ledger, open_place(str(url)), format_, dry=dry, verify=verify)


def pulled(store: Books, url: object, *, dry: bool = False) -> Pulled:
    done = pull.pull(store.ledger, open_place(str(url)), dry=dry)
    if not dry:
        pull.settle(store.ledger, store.book)
    return done
