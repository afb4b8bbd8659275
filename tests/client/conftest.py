"""Fixtures of the client tests: the captures of this run, and the bill for one of them.

A test that is parametrised over `capture` gets the captures by scenario name. Without a client the tests skip
and say why; in CI that is a failure, for nobody would notice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.bill import Bill, without_request_log
from tests.client.capture import Capture
from tests.client.captures import Captures
from tests.client.client import NoClientError, find_client

AS_WRITTEN, UNLOGGED = "as written", "without the request log"
ERROR = "error on tool calls"  #: what a test measures, shown at the end


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "client: runs the real Claude Code client against an API of our own")


@pytest.fixture(scope="session")
def captures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captures]:
    """The captures that the chosen tests need; they are being played from now on."""
    try:
        client = find_client()
    except NoClientError as reason:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(reason))
    calls = (getattr(item, "callspec", None) for item in request.session.items)
    names = dict.fromkeys(call.params["capture"] for call in calls if call and "capture" in call.params)
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # by all the processes of this run
    folder = shared / "captures"
    folder.mkdir(exist_ok=True)
    playing = Captures(folder, client, names)
    yield playing
    playing.close()


@pytest.fixture(scope="session")
def capture(request: pytest.FixtureRequest, captures: Captures) -> Capture:
    """One capture, by the name it is parametrised with."""
    return captures[request.param]


@pytest.fixture(scope="session", params=[AS_WRITTEN, UNLOGGED])
def transcripts(request: pytest.FixtureRequest, capture: Capture, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The capture's config folder, as it was written and as other versions of the client would have."""
    if request.param == AS_WRITTEN:
        return capture.config
    return without_request_log(capture.config, tmp_path_factory.mktemp("unlogged"))


@pytest.fixture(scope="session")
def bill(transcripts: Path, tmp_path_factory: pytest.TempPathFactory) -> Bill:
    """The bill for the transcripts."""
    return Bill(transcripts, tmp_path_factory.mktemp("store") / "bill.db")


@pytest.fixture(scope="session")
def bill_as_written(capture: Capture, tmp_path_factory: pytest.TempPathFactory) -> Bill:
    """The bill for the transcripts just as they are: for what only the request log can tell."""
    return Bill(capture.config, tmp_path_factory.mktemp("store") / "bill.db")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the tests measured, passed or not."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    measured = sorted(
        (what, report.nodeid.partition("[")[2].rstrip("]"), value)
        for report in reports
        for what, value in report.user_properties
        if report.when == "call" and what == ERROR
    )
    if measured:
        terminalreporter.section(ERROR)
    for _, which, value in measured:
        terminalreporter.write_line(f"{which:<55}{value:>8}")
