"""Slack, Discord, mail and others through apprise itself, to receivers on the loopback."""

from __future__ import annotations

import email
import email.policy
import json
import warnings
from typing import Any

import pytest

from lineitem.alerts.channels.services import Service
from lineitem.alerts.delivery import LATER, SENT, Outcome
from lineitem.alerts.messages import Message, Section, message_of
from lineitem.alerts.settings import AlertSettings
from tests.alerts.notices import HOSTILE, NOW, anomaly
from tests.alerts.receivers import mail, web

pytest.importorskip("apprise", reason="apprise is in the extra alerts")

#: Lines as hostile as if nobody had cleaned them: the sink alone must do.
RAW = Message("msg_1", "lineitem: <b>&", (Section("Pro*jects", tuple(HOSTILE)),), "critical", NOW)


def service(kind: str, url: str) -> Service:
    return Service(AlertSettings.from_settings({"alerts": {"channels": {"x": {"kind": kind, "url": url}}}}).channels[0])


def plugin(name: str) -> Any:
    """A class of apprise whose fixed host a test turns to the loopback."""
    from importlib import import_module

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = import_module(f"apprise.plugins.{name}")
    return getattr(module, f"Notify{name.title()}")


def test_any_service_gets_title_text_and_urgency() -> None:
    with web() as server:
        assert service("apprise", f"json://127.0.0.1:{server.port}/x").send(
            message_of([anomaly()], "x"), NOW
        ) == Outcome(SENT)
    sent = json.loads(server.got[0][2])
    assert sent["title"] == "lineitem: Unusually dear tool call"
    assert sent["message"].startswith("Unusually dear tool call (work-shop, session 0c9d1f5a): Bash; $3.00")
    assert sent["type"] == "warning"
    assert sent["attachments"] == []


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_service_that_refuses_is_tried_later_and_redirects_lead_nowhere(status: int) -> None:
    with web() as other, web() as server:
        server.status = status
        server.headers = {"location": f"http://127.0.0.1:{other.port}/"}
        outcome = service("apprise", f"json://127.0.0.1:{server.port}/s3cret").send(message_of([anomaly()], "x"), NOW)
        assert outcome == Outcome(LATER, "the service did not take it")
        assert other.got == []


def test_slack_gets_no_mention_link_or_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    with web() as server:
        monkeypatch.setattr(plugin("slack"), "webhook_url", f"http://127.0.0.1:{server.port}/services")
        url = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
        assert service("slack", url).send(RAW, NOW) == Outcome(SENT)
        assert service("slack", url).send(message_of([anomaly()], "x"), NOW) == Outcome(SENT)
    text = json.dumps(json.loads(server.got[0][2]), ensure_ascii=False)
    for alive in ("<!channel>", "<@U123>", "<img", "<https:", "<b>"):
        assert alive not in text
    plain = json.loads(server.got[1][2])["attachments"][0]
    assert plain["text"].startswith("Unusually dear tool call (work-shop, session 0c9d1f5a): Bash; $3.00")
    assert "https:" not in server.got[1][2].decode(), "no picture from elsewhere"
    assert not json.loads(server.got[0][2]).get("mrkdwn")


def test_discord_gets_no_mention_and_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    with web() as server:
        monkeypatch.setattr(plugin("discord"), "notify_url", f"http://127.0.0.1:{server.port}/api/webhooks")
        url = "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"
        assert service("discord", url).send(RAW, NOW) == Outcome(SENT)
    sent = json.loads(server.got[0][2])
    text = json.dumps(sent, ensure_ascii=False)
    assert "@everyone" not in text
    assert "://" not in text
    assert "\\\\[x\\\\]" in text
    assert not sent.get("allow_mentions")


def test_mail_is_html_with_everything_escaped_and_no_header_of_its_own() -> None:
    with mail() as server:
        url = f"mailto://127.0.0.1:{server.port}?from=lineitem@example.org&to=ada@example.org&mode=insecure"
        assert service("email", url).send(RAW, NOW) == Outcome(SENT)
    envelope, text = server.got[0]
    assert any("ada@example.org" in line for line in envelope)
    message = email.message_from_bytes(text, policy=email.policy.default)
    assert message["subject"] == "lineitem: <b>&"
    assert message.get_all("subject") == ["lineitem: <b>&"]
    body = message.get_body(("html",))
    assert body
    content = body.get_content()
    assert "&lt;img src=x" in content
    assert "<img" not in content
    assert "<h3>Pro*jects</h3>" in content


def test_an_address_of_another_service_is_noticed_before_anything_is_sent() -> None:
    outcome = service("slack", "https://evil.example/s3cret").send(RAW, NOW)
    assert outcome.what == LATER
    assert "must begin with slack:// or https://hooks.slack.com/" in outcome.why
    for url in ("nonsense://s3cret", "file:///s3cret", "https://s3cret.example/"):
        outcome = service("apprise", url).send(RAW, NOW)
        assert outcome == Outcome(LATER, "alerts.channels.x.url is no address that apprise knows.")


def test_the_library_logs_neither_address_nor_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(10), web() as server:
        server.status = 500
        service("apprise", f"json://ada:s3cretpw@127.0.0.1:{server.port}/s3cretpath").send(RAW, NOW)
    assert "s3cretpw" not in caplog.text
