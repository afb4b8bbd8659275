"""The classifier is off unless somebody switches it on; what cannot be meant is refused by name."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from lineitem.classifier.settings import ADDRESS, MODEL, ClassifierSettings
from lineitem.core.problems import UsageError
from lineitem.core.rates import Rates
from lineitem.pricing.book import PriceBook
from tests.docs.pages import ROOT


def settings(**given: Any) -> ClassifierSettings:
    return ClassifierSettings.from_settings({"classifier": given, "timezone": "UTC"})


def test_it_is_off_and_sends_no_snippet_unless_that_is_written_down() -> None:
    found = ClassifierSettings.from_settings({})
    assert (found.enabled, found.snippet, found.model, found.base_url) == (False, False, MODEL, ADDRESS)
    assert found.budget == 1_000_000_000
    assert found.host == "api.anthropic.com"


def test_the_model_of_the_default_has_a_price() -> None:
    assert isinstance(PriceBook().rates(MODEL, 1_795_000_000_000), Rates)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        *(("enabled", each) for each in ("yes", 1, None)),
        *(("snippet", each) for each in ("false", 0)),
        *(("model", each) for each in ("", "two words", 3, "x" * 101, "haïku")),
        *(
            ("key", each)
            for each in ("", {}, {"env": ""}, {"env": "A", "file": "b"}, {"keyring": 3}, {"vault": "x"}, 7)
        ),
        *(("base_url", each) for each in ("", "example.org", "ftp://a.example", "http://gateway.example.org", 3)),
        *(("base_url", f"https://{each}") for each in ("u:p@a.example", "a.example?k=v", "a.example#x", "a.example:x")),
        *(("budget", each) for each in (-1, "-1", 1.5, "lots", True, "1e3", "10001", "")),
        ("colour", "red"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, given: object) -> None:
    with pytest.raises(UsageError, match=f"classifier.*{name}"):
        settings(**{name: given})


def test_a_refusal_does_not_repeat_an_address() -> None:
    with pytest.raises(UsageError) as refused:
        settings(base_url="https://me:hunter2@a.example")
    assert "hunter2" not in str(refused.value)


def test_a_table_is_wanted() -> None:
    with pytest.raises(UsageError, match="must be a table"):
        ClassifierSettings.from_settings({"classifier": "on"})


@pytest.mark.parametrize(
    "address", ["https://gateway.example.org/anthropic", "http://127.0.0.1:8080", "http://[::1]:1"]
)
def test_a_gateway_is_encrypted_or_on_this_machine(address: str) -> None:
    assert settings(base_url=address).base_url == address


@pytest.mark.parametrize(
    ("given", "nanos"), [("1.50", 1_500_000_000), (2, 2_000_000_000), ("0", 0), ("0.0001", 100_000)]
)
def test_a_budget_is_dollars_a_month(given: object, nanos: int) -> None:
    assert settings(budget=given).budget == nanos


class Ring(KeyringBackend):
    """A keyring that holds one key."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        if username == "broken":
            raise RuntimeError("sk-ant-secret")
        return "sk-ant-kept\n" if (service, username) == ("lineitem", "haiku") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


def test_a_key_may_come_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())  # type: ignore[no-untyped-call]  # the library's
    try:
        found = settings(key={"keyring": "haiku"}).key
        assert found.read() == "sk-ant-kept"
        assert "sk-ant" not in repr(found)
        for name in ("other", "broken"):
            with pytest.raises(UsageError, match=r"classifier\.key") as refused:
                settings(key={"keyring": name}).key.read()
            assert "sk-ant" not in str(refused.value)
    finally:
        keyring.set_keyring(before)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UsageError, match=r"pip install 'lineitem\[classifier\]'"):
        settings(key={"keyring": "haiku"}).key.read()


def test_a_key_of_the_environment_is_read_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    key = settings().key
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY is empty or not set"):
        key.read()
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-now")
    assert key.read() == "sk-ant-now"


def test_no_command_imports_the_sdk_before_something_is_sent() -> None:
    script = (
        "import sys, lineitem.wiring, lineitem.server.guesser, lineitem.classifier.asking\n"
        "import lineitem.classifier.messages_api, lineitem.classifier.standing\n"
        "heavy = {'anthropic', 'keyring', 'httpx2', 'asyncio', 'ssl', 'socket'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT,
                          env={"PYTHONPATH": str(ROOT / "src"), "HOME": str(ROOT / "nowhere")})  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_only_one_module_imports_the_sdk() -> None:
    importing = [path.name for path in (ROOT / "src").rglob("*.py") if "import anthropic" in path.read_text("utf-8")]
    assert importing == ["messages_api.py"]
