"""No planted secret survives, whatever stands around it; what is left is one short line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.classifier.redaction import LONGEST, redacted

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_BASE62 = _LETTERS + _LETTERS.upper() + "0123456789"


def _random(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    """What a generator of keys makes: letters of both kinds and digits among them, as in every real one."""
    kinds = [kind for kind in (str.islower, str.isupper, str.isdigit) if any(map(kind, alphabet))]

    def mixed(text: str) -> bool:
        return all(sum(map(kind, text)) >= 2 for kind in kinds)

    return st.text(alphabet, min_size=least, max_size=most).filter(mixed)


def _with(before: str, inner: st.SearchStrategy[str], after: str = "") -> st.SearchStrategy[tuple[str, str]]:
    """(what is planted, what of it must not survive)."""
    return inner.map(lambda secret: (f"{before}{secret}{after}", secret))


PLANTED = st.one_of(
    _with("sk-ant-api03-", _random(_BASE62 + "-_", 40, 90)),
    _with("ghp_", _random(_BASE62, 36, 36)),
    _with("github_pat_", _random(_BASE62 + "_", 40, 80)),
    _with("AKIA", _random("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, 16)),
    _with("xoxb-", _random(_BASE62 + "-", 24, 60)),
    _with("", _random(_BASE62 + "+/", 40, 80)),
    _with("", _random("0123456789abcdef", 16, 64)),
    _with("0x", _random("0123456789ABCDEF", 16, 64)),
    _with("password=", st.text(_BASE62, min_size=6, max_size=20)),
    _with("PGPASSWORD='", st.from_regex(r"[A-Za-z0-9]{3,9} [A-Za-z0-9]{3,9}", fullmatch=True), "'"),
    _with("Authorization: Bearer ", _random(_BASE62 + "-_", 20, 60)),
    _with("https://", st.text(_BASE62, min_size=6, max_size=20), ":x@git.example.org/shop.git"),
    _with("https://bot:", st.text(_BASE62 + ":@", min_size=6, max_size=20), "@git.example.org/shop.git"),
    _with("https://api.example.org/v1?sig=", st.text(_BASE62 + "%&=", min_size=6, max_size=40)),
    _with("https://hooks.example.org/services/", st.text(_BASE62 + "/", min_size=6, max_size=40)),
    _with("https://app.example.org/#", st.text(_BASE62, min_size=6, max_size=40)),
    _with("", st.text(_LETTERS + ".", min_size=6, max_size=12), "@mail.example.org"),
    _with("/home/", st.text(_LETTERS, min_size=6, max_size=12), "/shop/app.py"),
    _with("/Users/", st.text(_LETTERS, min_size=6, max_size=12), "/shop/app.py"),
    _with("C:\\Users\\", st.text(_LETTERS, min_size=6, max_size=12), "\\shop\\app.py"),
    _with("-----BEGIN RSA PRIVATE KEY-----\n", st.text(_BASE62 + "\n", min_size=30, max_size=90),
          "\n-----END RSA PRIVATE KEY-----"),
)  # fmt: skip
WORDS = st.lists(
    st.sampled_from(["curl", "-H", "git", "push", "echo", "|", "&&", "Zeile", "日本", "\x1b[1m", "a.py"]), max_size=60
)
BETWEEN = st.sampled_from([" ", "\n", "\t", " '", ' "', "; ", " > "])


@given(WORDS, PLANTED, BETWEEN, WORDS)
def test_no_planted_secret_survives(
    before: list[str], planted: tuple[str, str], between: str, after: list[str]
) -> None:
    text, secret = planted
    closing = between.strip() if between.strip() in ("'", '"') else " "
    shown = redacted(f"{' '.join(before)}{between}{text}{closing} {' '.join(after)}")
    assert not [piece for piece in secret.split() if len(piece) >= 6 and piece in shown]


@given(st.text(max_size=9_000), st.sampled_from(["", "/", "/srv/me"]))
def test_what_is_left_is_one_short_line_of_printable_signs(text: str, home: str) -> None:
    shown = redacted(text, home)
    assert len(shown) <= LONGEST
    assert shown.isprintable()


@pytest.mark.parametrize("looked_at", range(4, 29))
def test_half_a_secret_at_the_edge_of_what_is_looked_at_is_left_out(looked_at: int) -> None:
    assert redacted(" " * (4_000 - looked_at) + "ada.lovelace@mail.example.org") == ""


def test_a_key_in_short_lines_is_gone_whole() -> None:
    lines = "\n".join(["MIIEow", "IBAAKC", "AQEAtx"] * 4)
    text = f"cat > k <<E\n-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----\nE"
    assert redacted(text) == "cat > k <<E *** E"
    assert redacted(text[:90]) == "cat > k <<E ***"


def test_base64_in_which_many_slashes_stand_is_gone() -> None:
    assert redacted("aws wJalr/XUtnF/K7MDENG/bPxRf/CY0EXAM/PLEKEYab/9cd now") == "aws *** now"


def test_the_home_folder_is_replaced_wherever_it_lies() -> None:
    assert redacted("cat /srv/people/ada/notes.txt", "/srv/people/ada") == "cat ~/notes.txt"
    assert redacted("cat /home/ada/notes.txt") == "cat ~/notes.txt"


@pytest.mark.parametrize(
    "text",
    [
        "pytest -q tests/test_orders.py -k 'refund and not slow'",
        "git log --oneline -20 | head",
        "grep -rn 'class InvoiceNumberGeneratorFactory' src/",
        "cat node_modules/.package-lock.json",
    ],
)
def test_plain_commands_stay_readable(text: str) -> None:
    assert redacted(text) == text


def test_of_an_address_only_the_host_is_left() -> None:
    text = "curl -s https://me:pw1@api.example.org:8443/v1/users/7?token=abc#frag -o out.json"
    assert redacted(text) == "curl -s https://api.example.org:8443 -o out.json"
