"""Signed webhooks against real receivers: what is sent, to whom it is not, and what is never said."""

from __future__ import annotations

import hmac
import json
import socket
import ssl
import threading
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts.channels import webhook
from lineitem.alerts.channels.guard import connected, is_public
from lineitem.alerts.channels.signing import signed_headers, signing_key
from lineitem.alerts.channels.webhook import Webhook, checked_url
from lineitem.alerts.delivery import LATER, NEVER, SENT, Outcome
from lineitem.alerts.messages import message_of
from lineitem.alerts.settings import AlertSettings
from lineitem.core.problems import UsageError
from tests.alerts.notices import NOW, anomaly, hostile_notices
from tests.alerts.receivers import CERTIFICATE, web
from tests.laws.examples import examples

OLD, NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
MESSAGE = message_of([anomaly()], "ci")


def channel(url: str, *, local: bool = True, trust: ssl.SSLContext | None = None, **more: Any) -> Webhook:
    table = {"kind": "webhook", "url": url, "secret": NEW, "local": local, **more}
    return Webhook(AlertSettings.from_settings({"alerts": {"channels": {"ci": table}}}).channels[0], trust)


def verified(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As a receiver checks it."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = hmac.new(b64decode(secret[6:]), signed, "sha256").digest()
    given_ = [each.partition(",") for each in headers["webhook-signature"].split(" ")]
    return any(hmac.compare_digest(b64decode(code), expected) for version, _, code in given_ if version == "v1")


@pytest.mark.parametrize(  # made with another implementation, the package standardwebhooks 1.1.0
    ("secret", "ident", "seconds", "body", "expected"),
    [
        (OLD, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}',
         "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        (NEW, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 1674087231,
         '{"type": "lineitem.alert", "data": {"title": "über"}}'.encode(),
         "v1,AwpdFj1wxuSUsyXEZ+D7+CwJLg3iW5GBQKOXFsNS8sg="),
    ],
)  # fmt: skip
def test_signatures_are_those_of_another_implementation(
    secret: str, ident: str, seconds: int, body: bytes, expected: str
) -> None:
    headers = signed_headers(ident, seconds, body, [signing_key(secret, "x")])
    assert headers == {"webhook-id": ident, "webhook-timestamp": str(seconds), "webhook-signature": expected}


def test_a_receiver_gets_a_signed_message_and_may_change_its_secret() -> None:
    with web() as server:
        url = f"http://127.0.0.1:{server.port}/hook?room=1"
        assert channel(url, previous_secret=OLD).send(MESSAGE, NOW) == Outcome(SENT)
        assert channel(url).send(MESSAGE, NOW + 90_000) == Outcome(SENT)
    (path, headers, body), (_, later, same) = server.got
    assert path == "/hook?room=1"
    assert (headers["content-type"], headers["webhook-timestamp"]) == ("application/json", str(NOW // 1000))
    assert verified(headers, body, NEW)
    assert verified(headers, body, OLD)
    assert not verified(later, same, OLD)
    assert not verified(headers, body + b" ", NEW)
    # tried again: the same id and body, another time
    assert (later["webhook-id"], same) == (headers["webhook-id"], body) == (MESSAGE.id, body)
    document = json.loads(body)
    assert document["type"] == "lineitem.alert"
    assert document["data"]["notices"][0]["figures"] == {
        "nanos": 3_000_000_000, "usual": 250_000_000, "tokens": None, "usual_tokens": None, "factor": 120,
    }  # fmt: skip
    assert document["data"]["notices"][0]["names"]["project"] == "work-shop"


@pytest.mark.parametrize(
    ("status", "what"),
    [(204, SENT), (301, LATER), (302, LATER), (400, LATER), (410, NEVER), (429, LATER), (500, LATER)],
)
def test_an_answer_is_its_status_and_redirects_lead_nowhere(status: int, what: str) -> None:
    with web() as other, web() as server:
        server.status = status
        server.headers = {"location": f"http://127.0.0.1:{other.port}/elsewhere"}
        outcome = channel(f"http://127.0.0.1:{server.port}/").send(MESSAGE, NOW)
        assert outcome.what == what
        assert other.got == []
        assert len(server.got) == 1


def test_https_needs_a_certificate_that_is_trusted() -> None:
    trust = ssl.create_default_context(cafile=str(CERTIFICATE))
    with web(secure=True) as server:
        url = f"https://localhost:{server.port}/"
        assert channel(url, trust=trust).send(MESSAGE, NOW) == Outcome(SENT)
        assert channel(url).send(MESSAGE, NOW) == Outcome(LATER, "not reached (SSLCertVerificationError)")
    assert len(server.got) == 1


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with web() as proxy, web() as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert channel(f"http://127.0.0.1:{server.port}/").send(MESSAGE, NOW).what == SENT
    assert proxy.got == []


@pytest.mark.parametrize("secure", [False, True])
def test_a_receiver_that_answers_a_byte_at_a_time_is_left(monkeypatch: pytest.MonkeyPatch, *, secure: bool) -> None:
    monkeypatch.setattr(webhook, "_WHOLE", 0.3)
    trust = ssl.create_default_context(cafile=str(CERTIFICATE)) if secure else None
    with web(secure=secure) as server:
        server.silent.set()
        url = f"https://localhost:{server.port}/" if secure else f"http://127.0.0.1:{server.port}/"
        outcome = channel(url, trust=trust).send(MESSAGE, NOW)
    assert outcome.what == LATER


def test_nobody_there_is_told_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    look_up = socket.getaddrinfo

    def nameless(host: str, *more: Any, **rest: Any) -> Any:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is not known")
        return look_up(host, *more, **rest)

    monkeypatch.setattr(socket, "getaddrinfo", nameless)
    for url in (f"http://127.0.0.1:{port}/s3cret", "https://no-such-host.invalid/s3cret"):
        outcome = channel(url).send(MESSAGE, NOW)
        assert outcome.what == LATER
        assert "s3cret" not in outcome.why
        assert "127" not in outcome.why
        assert "invalid" not in outcome.why


#: Spellings of addresses that are not public.
PRIVATE = [
    "127.0.0.1", "localhost", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0x7f000001", "0.0.0.0", "0", "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]",
    "[fc00::1]", "[fd12:3456::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "[::ffff:169.254.169.254]", "198.18.0.1", "192.0.2.1", "224.0.0.1", "[ff02::1]", "255.255.255.255", "240.0.0.1",
    "[2001:db8::1]", "[64:ff9b:1::1]", "localhost.", "LOCALHOST", "①②⑦.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_nothing_is_sent_to_an_address_that_is_not_public(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_: socket.socket, place: object) -> None:
        raise AssertionError(f"connected to {place}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    outcome = channel(f"https://{host}/", local=False).send(MESSAGE, NOW)
    assert outcome.what == LATER


def test_one_private_address_among_public_ones_is_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(*_: object, **__: object) -> list[Any]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("93.184.215.14", 443)), (*kind, ("127.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    outcome = channel("https://example.org/", local=False).send(MESSAGE, NOW)
    assert outcome == Outcome(LATER, "the address is not public; a local receiver needs local = true")


def test_the_address_that_was_judged_is_the_one_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    tried: list[object] = []

    def flipping(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(_: socket.socket, place: object) -> None:
        tried.append(place)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", flipping)
    monkeypatch.setattr(socket.socket, "connect", connect)
    channel("https://rebound.example/", local=False).send(MESSAGE, NOW)
    assert (asked, tried) == (["rebound.example"], [("93.184.215.14", 443)])


def test_many_dead_addresses_take_no_longer_than_one_attempt_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each had ten seconds of its own: a name with twelve of them held the others up for two minutes."""
    now, given = 0.0, list[float]()

    def dead(tried: socket.socket, _: object) -> None:
        nonlocal now
        given.append(tried.gettimeout() or 0)
        now += given[-1]
        raise TimeoutError

    place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [place] * 12)
    monkeypatch.setattr(socket.socket, "connect", dead)
    with pytest.raises(TimeoutError):
        connected("dead.example", 443, 8.0, 20.0, local=False, clock=lambda: now)
    assert given == [8.0, 8.0, 4.0]


def test_a_name_that_nobody_answers_for_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system looks up as long as it likes: neither the step's limit nor that of the whole held."""
    answered = threading.Event()
    asked: list[str] = []

    def silent(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        answered.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    monkeypatch.setattr(webhook, "_WHOLE", 0.05)
    sender = channel("https://slow.example/")
    try:
        for _ in range(12):
            assert sender.send(MESSAGE, NOW) == Outcome(LATER, "no answer in time")
        assert len(asked) == 8  # and no more threads than these wait
    finally:
        answered.set()
    for thread in threading.enumerate():
        if thread.name == "looking-up":
            thread.join()
    assert sender.send(MESSAGE, NOW) == Outcome(LATER, "not reached (OSError)")
    assert len(asked) == 9


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "::ffff:93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://example.org/", "https://", "https://ada:pw@example.org/", "https://example.org:25/",
     "https://example.org/#x", "https://exa mple.org/", "https://example.org/\r\nx: y", "https://[::1", "example.org",
     "file:///etc/passwd", "https://example.org:99999/", "https://example.org/ü"],
)  # fmt: skip
def test_an_address_that_may_not_be_used_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_url(url, "alerts.channels.ci.url", local=False)
    assert "example" not in str(refused.value)
    assert channel(url, local=False).send(MESSAGE, NOW).what == LATER


@pytest.mark.parametrize(
    "secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", "whsec_é"]
)
def test_a_weak_or_broken_secret_sends_nothing_and_is_not_shown(secret: str) -> None:
    with pytest.raises(UsageError) as refused:
        signing_key(secret, "alerts.channels.ci.secret")
    assert not secret[6:] or secret[6:] not in str(refused.value)


@examples(40)
@given(st.lists(hostile_notices(), min_size=1, max_size=4))
def test_law_a_body_is_the_same_each_time_and_plain_ascii_json(notices: list[Any]) -> None:
    message = message_of(notices, "ci")
    body = webhook.body_of(message)
    assert body == webhook.body_of(message)
    assert body.isascii()
    for fact in json.loads(body)["data"]["notices"]:
        assert set(fact) == {"kind", "severity", "at", "figures", "names"}
        assert not any("evil.example" in name for name in fact["names"].values())
