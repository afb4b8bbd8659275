"""Every spelling of a model id leads to its model, and to no other."""

from __future__ import annotations

import pytest

from lineitem.core.rates import Unpriced
from lineitem.pricing import table
from lineitem.pricing.model_ids import normalise, parse_model_id
from tests.pricing.asking import LIST

#: id -> canonical name, platform, regional endpoint, 1M window asked for
FORMS = {
    # Claude API, Foundry, Claude Platform on AWS
    "claude-opus-5-5": ("claude-opus-5-5", "anthropic", False, False),
    "claude-haiku-4-5-20251001": ("claude-haiku-4-5", "anthropic", False, False),
    "claude-haiku-4-5": ("claude-haiku-4-5", "anthropic", False, False),
    "claude-opus-4-5": ("claude-opus-4-5", "anthropic", False, False),
    "claude-sonnet-4-0": ("claude-sonnet-4", "anthropic", False, False),
    "claude-opus-4-0": ("claude-opus-4", "anthropic", False, False),
    "claude-opus-4-20250514": ("claude-opus-4", "anthropic", False, False),
    "claude-sonnet-4": ("claude-sonnet-4", "anthropic", False, False),
    "claude-3-7-sonnet-latest": ("claude-3-7-sonnet", "anthropic", False, False),
    "claude-3-7-sonnet-20250219": ("claude-3-7-sonnet", "anthropic", False, False),
    "claude-3-5-sonnet-20240620": ("claude-3-5-sonnet", "anthropic", False, False),
    "claude-3-5-haiku-latest": ("claude-3-5-haiku", "anthropic", False, False),
    "claude-3-haiku-20240307": ("claude-3-haiku", "anthropic", False, False),
    "claude-3-opus-20240229": ("claude-3-opus", "anthropic", False, False),
    # a date stamp nobody has seen, on a model that is known
    "claude-opus-5-5-20260922": ("claude-opus-5-5", "anthropic", False, False),
    "claude-fable-5-2-20270131": ("claude-fable-5-2", "anthropic", False, False),
    # Claude Code
    "claude-opus-4-8[1m]": ("claude-opus-4-8", "anthropic", False, True),
    "claude-sonnet-4-5-20250929[1m]": ("claude-sonnet-4-5", "anthropic", False, True),
    "claude-haiku-5-5[1M]": ("claude-haiku-5-5", "anthropic", False, True),
    # Bedrock
    "anthropic.claude-sonnet-4-5-20250929-v1:0": ("claude-sonnet-4-5", "bedrock", True, False),
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0": ("claude-sonnet-4-5", "bedrock", True, False),
    "eu.anthropic.claude-3-7-sonnet-20250219-v1:0": ("claude-3-7-sonnet", "bedrock", True, False),
    "jp.anthropic.claude-haiku-4-5-20251001-v1:0": ("claude-haiku-4-5", "bedrock", True, False),
    "au.anthropic.claude-opus-4-6-v1": ("claude-opus-4-6", "bedrock", True, False),
    "apac.anthropic.claude-sonnet-4-20250514-v1:0": ("claude-sonnet-4", "bedrock", True, False),
    "anthropic.claude-opus-4-6-v1": ("claude-opus-4-6", "bedrock", True, False),
    "anthropic.claude-opus-5-5": ("claude-opus-5-5", "bedrock", True, False),
    "global.anthropic.claude-opus-5-5": ("claude-opus-5-5", "bedrock", False, False),
    "global.anthropic.claude-opus-4-6-v1[1m]": ("claude-opus-4-6", "bedrock", False, True),
    "anthropic.claude-3-5-sonnet-20241022-v2:0": ("claude-3-5-sonnet", "bedrock", True, False),
    "anthropic.claude-3-haiku-20240307-v1:0:200k": ("claude-3-haiku", "bedrock", True, False),
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0": (
        "claude-opus-4-5",
        "bedrock",
        True,
        False,
    ),
    "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.anthropic.claude-opus-5-5": (
        "claude-opus-5-5",
        "bedrock",
        False,
        False,
    ),
    "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-3-5-haiku-20241022-v1:0": (
        "claude-3-5-haiku",
        "bedrock",
        True,
        False,
    ),
    # Google Cloud
    "claude-haiku-4-5@20251001": ("claude-haiku-4-5", "google", False, False),
    "claude-sonnet-4-5@default": ("claude-sonnet-4-5", "google", False, False),
    "claude-3-5-sonnet-v2@20241022": ("claude-3-5-sonnet", "google", False, False),
    "claude-opus-4-1@20250805[1m]": ("claude-opus-4-1", "google", False, True),
    # gateways
    "anthropic/claude-opus-5-5": ("claude-opus-5-5", "anthropic", False, False),
    "anthropic/claude-opus-4.5": ("claude-opus-4-5", "anthropic", False, False),
    "anthropic/claude-3.7-sonnet": ("claude-3-7-sonnet", "anthropic", False, False),
    "openrouter/anthropic/claude-sonnet-4": ("claude-sonnet-4", "anthropic", False, False),
    "bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0": ("claude-haiku-4-5", "bedrock", True, False),
    "bedrock/converse/global.anthropic.claude-opus-5": ("claude-opus-5", "bedrock", False, False),
    "vertex_ai/claude-opus-4-5@20251101": ("claude-opus-4-5", "google", False, False),
    "vertex_ai/claude-opus-5": ("claude-opus-5", "google", False, False),
    "azure_ai/claude-opus-5": ("claude-opus-5", "anthropic", False, False),
    "claude-4-sonnet-20250514": ("claude-sonnet-4", "anthropic", False, False),
    "claude-sonnet-3.7": ("claude-3-7-sonnet", "anthropic", False, False),
    # as typed
    "CLAUDE-OPUS-5-5": ("claude-opus-5-5", "anthropic", False, False),
    "  claude-opus-5-5 ": ("claude-opus-5-5", "anthropic", False, False),
    "Anthropic.Claude-Opus-5-5": ("claude-opus-5-5", "bedrock", True, False),
}

UNKNOWN = [
    "",
    " ",
    "claude",
    "claude-",
    "claude-opus",
    "claude-opus-latest",
    "claude-opus-20250514",
    "claude-opus-9-9",
    "claude-opus-5-7",
    "claude-opus-5-55",
    "claude-opus-05-5",
    "claude-opus-4-5-1",
    "claude-opus-6",
    "claude-sonnet-11",
    "claude-haiku-4-9-20270101",
    "claude-haiku-5-5-2026",
    "claude-opus-4-6-fast",
    "claude-opus-5-5-preview",
    "claude-opus-5-5[2m]",
    "claude-opus-5-5:thinking",
    "claude-mythos-preview",
    "claude-2.1",
    "claude-instant-1.2",
    "claude-opus-4-5@yesterday",
    "claude-opus-4-5@",
    "anthropic.claude-opus-9-9-v1:0",
    "mars.anthropic.claude-opus-5-5",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6",
    "arn:aws:s3:::bucket/claude-opus-5-5",
    "arn:",
    "opus",
    "sonnet",
    "haiku",
    "fable",
    "default",
    "opusplan",
    "opus[1m]",
    "glm-4.6",
    "kimi-k2",
    "deepseek-chat",
    "gpt-5",
    "someone/claude-opus-5-5",
    "notclaude-opus-5-5",
    "claude-opus-٥",
    "claude-opus-²",
]


@pytest.mark.parametrize("model", FORMS)
def test_a_spelling_leads_to_its_model(model: str) -> None:
    found = normalise(model)
    assert found is not None
    assert (found.name, found.platform, found.regional, found.long_context) == FORMS[model]


@pytest.mark.parametrize("model", UNKNOWN)
def test_an_unknown_name_leads_nowhere(model: str) -> None:
    assert normalise(model) is None
    assert isinstance(LIST.rates(model, 0), Unpriced)


@pytest.mark.parametrize("name", sorted({row[0] for row in table.PRICES}))
def test_a_canonical_name_leads_to_itself_in_every_form(name: str) -> None:
    for form in (
        name,
        f"{name}-20290101",
        f"{name}@20290101",
        f"global.anthropic.{name}-v1:0",
        f"{name}[1m]",
    ):
        found = normalise(form)
        assert found is not None
        assert found.name == name


def test_a_version_that_is_not_out_yet_keeps_its_own_name() -> None:
    found = parse_model_id("us.anthropic.claude-opus-9-9-20290101-v1:0")
    assert found is not None
    assert (found.name, found.version) == ("claude-opus-9-9", (9, 9))
    assert normalise("us.anthropic.claude-opus-9-9-20290101-v1:0") is None
