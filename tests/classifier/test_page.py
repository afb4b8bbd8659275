"""docs/classifier.md says what the program does."""

from __future__ import annotations

import re
import tomllib

import pytest

from lineitem.classifier import answer, asking, messages_api, redaction
from lineitem.classifier.answer import CAUSES, LIKELIHOODS
from lineitem.classifier.budget import worst_case
from lineitem.classifier.question import question
from lineitem.classifier.settings import _KNOWN, MODEL, ClassifierSettings
from lineitem.insights import why
from lineitem.pricing.book import PriceBook
from tests.classifier.findings import NOW, finding
from tests.docs.pages import ROOT, text

PAGE = " ".join(text(ROOT / "docs/classifier.md").split())
(EXAMPLE,) = re.findall(r"^```toml\n(.*?)^```$", text(ROOT / "docs/classifier.md"), re.MULTILINE | re.DOTALL)


def test_the_example_shows_every_setting_and_the_defaults() -> None:
    given = tomllib.loads(EXAMPLE)
    assert set(given["classifier"]) == set(_KNOWN)
    shown, default = ClassifierSettings.from_settings(given), ClassifierSettings.from_settings({})
    assert shown.enabled
    assert not default.enabled
    for name in ("model", "base_url", "snippet", "budget"):
        assert getattr(shown, name) == getattr(default, name), name
    assert repr(shown.key) == repr(default.key)


@pytest.mark.parametrize(
    "sentence",
    [
        f"at most {redaction.LONGEST} characters of the command",
        f"one sentence of at most {answer.LONGEST} characters",
        f"{ {4: 'four'}[asking.TRIES] } times in all",
        f"`{'`, `'.join(LIKELIHOODS)}`",
        ", ".join(map(str, messages_api._AGAIN[:2])),
        "for ten minutes at a time" if asking._REST == 600_000 else "?",
        "older than a day" if asking._DAY == 86_400_000 else "?",
    ],
)
def test_the_page_states_it(sentence: str) -> None:
    assert sentence in PAGE


def test_what_a_question_is_said_to_cost_is_what_is_set_aside() -> None:
    size = messages_api.size_of(question(finding()._asdict(), {}))
    assert 1_200 < size < 1_700
    most = worst_case(PriceBook(), MODEL, NOW, size + redaction.LONGEST * 2)
    assert most is not None
    assert most < 1_300_000


def test_every_cause_that_rules_name_may_be_guessed() -> None:
    source = (ROOT / "src/lineitem/insights/why.py").read_text("utf-8")
    slugs = set(re.findall(r'(?:Cause\(\s*|^\s+\()"([a-z-]+)"', source, re.MULTILINE))
    assert {"result", "expired", "repetition"} <= slugs
    assert slugs <= set(CAUSES)
    assert why.UNKNOWN in CAUSES
