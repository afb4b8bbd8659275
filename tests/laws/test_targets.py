"""A target is short, on one line, and tells no secret."""

from __future__ import annotations

import json
import string
import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.sources.shortening import LONGEST, redact, short
from lineitem.sources.targets import target
from tests.laws.examples import examples

WORD = string.ascii_letters + string.digits
TOOLS = ("Bash", "Read", "Edit", "WebFetch", "WebSearch", "Grep", "Glob", "Agent", "Task", "Skill", "NotebookEdit")
FIELDS = ("command", "file_path", "notebook_path", "path", "pattern", "url", "query", "subagent_type", "skill")


def of(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most)


def mixed(least: int, most: int) -> st.SearchStrategy[str]:
    """Random letters and digits, at least one of each."""
    return st.builds(lambda text: "a7" + text, of(WORD, least - 2, most - 2))


#: Families whose secrets tell themselves by their form.
FORMED = {
    "anthropic": mixed(20, 40).map("sk-ant-api03-{}".format),
    "openai": mixed(20, 40).map("sk-proj-{}".format),
    "github": mixed(36, 36).map("ghp_{}".format),
    "github app": mixed(36, 36).map("ghs_{}".format),
    "github fine": mixed(40, 60).map("github_pat_11{}".format),
    "gitlab": mixed(20, 20).map("glpat-{}".format),
    "aws id": of(string.ascii_uppercase + string.digits, 16, 16).map("AKIA{}".format),
    "slack": mixed(20, 40).map("xoxb-1234567890-{}".format),
    "google": mixed(35, 35).map("AIza{}".format),
    "jwt": st.builds("eyJhbGciOi{}.eyJzdWIi{}.{}".format, mixed(8, 9), mixed(8, 9), mixed(20, 30)),
    "stripe": mixed(24, 24).map("sk_live_{}".format),
    "npm": mixed(36, 36).map("npm_{}".format),
    "hugging face": mixed(34, 34).map("hf_{}".format),
    "hex": of("0123456789abcdef", 38, 38).map("a7{}".format),
}
#: Where a secret of no form stands: the name before it gives it away.
NAMED = (
    "export API_KEY={}",
    "PGPASSWORD={} psql -h db",
    "mysql --password={}",
    "mysql --password {} shop",
    "curl -u admin:{} https://example.org",
    "curl -H 'X-Api-Key: {}' example.org",
    "curl -H 'Authorization: Bearer {}' x",
    "curl -H 'authorization: basic {}' x",
    "curl -H 'AUTHORIZATION: BASIC {}' x",
    "DB_PASSWORD='{}' make",
    "SECRET={} make",
    "git clone https://dev:{}@example.org/a.git",
    "aws configure set aws_secret_access_key {}",
    "token: {}",
    """curl -d '{{"password": "{}"}}' example.org""",
    """curl -d '{{"api_key":"{}"}}' example.org""",
    "gh auth login --with-token {}",
    "MYSQL_PWD={} mysql",
    "export GH_PAT={}",
    "DB_PASS={} make",
    "curl 'https://example.org/?access_token={}'",
    "curl -H 'Authorization: token {}' x",
)

anything = st.text(max_size=500)


@given(anything)
@examples(300)
def test_a_target_is_one_printable_line_of_at_most_eighty_characters(text: str) -> None:
    told = short(text)
    assert len(told) <= LONGEST
    assert all(unicodedata.category(character)[0] != "C" for character in told)
    assert not any(character in told for character in "\n\r\t\x1b\u2028\u2029\u202e\u200b")
    assert short(text) == told


@given(st.sampled_from(TOOLS), st.sampled_from(FIELDS), anything, st.sampled_from([None, "/home/dev", ""]))
@examples(300)
def test_any_input_of_any_tool_gives_a_target_or_none(tool: str, field: str, text: str, cwd: str | None) -> None:
    raw = msgspec.Raw(json.dumps({field: text}).encode())
    told = target(tool, raw, cwd)
    assert len(told) <= LONGEST
    assert told.isprintable()


@pytest.mark.parametrize("family", sorted(FORMED))
@given(st.data())
@examples(40, 0.02)
def test_a_secret_that_tells_itself_is_never_kept(family: str, data: st.DataObject) -> None:
    secret = data.draw(FORMED[family])
    before = data.draw(
        st.sampled_from(["", "echo ", "curl -H x:", "run --with=", "a b c ", "'", '"', "KEY=", "x" * 60 + " "])
    )
    after = data.draw(st.sampled_from(["", " | cat", "'", '"', ";", "/path", "@host"]))
    told = short(before + secret + after)
    for start in range(len(secret) - 11):
        piece = secret[start : start + 12]
        if any(character.isdigit() for character in piece):
            assert piece not in told


@pytest.mark.parametrize("form", NAMED)
@given(st.data())
@examples(25, 0.01)
def test_a_secret_that_its_name_gives_away_is_never_kept(form: str, data: st.DataObject) -> None:
    secret = data.draw(st.builds(lambda text: "Zq9" + text, of(WORD, 9, 20)))
    told = short(form.format(secret))
    assert secret[:8] not in told


@pytest.mark.parametrize(
    "text",
    [
        "pytest -x tests/laws",
        "git commit -m 'sources: read tails'",
        "src/lineitem/sources/transcript.py",
        "kubectl get pods --sort-by=.metadata.name",
        "find . -name '*.py' | xargs wc -l",
        "ls -la /var/log",
        "npm run build -- --watch",
        "echo basic setup done",
        "grep -rn 'token' src",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redact(text) == text
    assert short(text) == text


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a/b?token=abc", "example.org"),
        ("https://u:p@example.org:8443/x", "example.org:8443"),
        ("example.org/x", "example.org"),
        ("https://example.org?key=abcdef", "example.org"),
        ("https://example.org#frag", "example.org"),
    ],
)
def test_of_an_address_only_the_host_is_kept(url: str, host: str) -> None:
    assert target("WebFetch", msgspec.Raw(json.dumps({"url": url}).encode()), None) == host
