"""The stand-in API keeps the rules it claims to keep; no client is needed to see that."""

from __future__ import annotations

from base64 import b64encode

import pytest

from tests.client.materials import code, numbers, picture, prose
from tests.client.prompt import parts
from tests.client.prompt_cache import Piece, PromptCache
from tests.client.tokens import count_tokens


def test_prose_is_about_five_characters_a_token_and_digits_two() -> None:
    assert 4 < ratio(prose(200)) < 6.5
    assert 2.4 < ratio(code(30)) < 3.6
    assert 1.7 < ratio(numbers(100)) < 2.3
    assert ratio("\n".join(map(str, range(1000)))) < 2.3


def test_a_token_count_is_not_a_length() -> None:
    same_length = ("understanding", "unfoundedness", "12345,67890,1")
    assert len({count_tokens(text) for text in same_length}) > 1
    assert count_tokens("") == 1


def test_a_prompt_is_read_as_far_as_an_earlier_breakpoint() -> None:
    cache = PromptCache()
    first = [Piece("tools", None), Piece("system", "5m"), Piece("prompt", "5m")]
    assert cache.classes("m", first) == ["write_5m", "write_5m", "write_5m"]
    longer = [
        *first[:2],
        Piece("prompt", None),
        Piece("call", None),
        Piece("result", "5m"),
        Piece("tail", None),
    ]
    assert cache.classes("m", longer) == ["read", "read", "read", "write_5m", "write_5m", "uncached"]
    assert cache.classes("another", longer)[0] == "write_5m"
    changed = [Piece("tools", None), Piece("system", "5m"), Piece("another prompt", "5m")]
    assert cache.classes("m", changed) == ["read", "read", "write_5m"]


def test_a_cache_lives_as_long_as_its_breakpoint_said_and_reading_renews_it() -> None:
    cache = PromptCache()
    prompt = [Piece("system", "1h"), Piece("prompt", "5m")]
    assert cache.classes("m", prompt) == ["write_1h", "write_5m"]
    cache.clock.advance(200)
    assert cache.classes("m", prompt) == ["read", "read"]
    cache.clock.advance(200)
    assert cache.classes("m", prompt) == ["read", "read"]
    cache.clock.advance(400)
    assert cache.classes("m", prompt) == ["read", "write_5m"]
    cache.clock.advance(4000)
    assert cache.classes("m", prompt) == ["write_1h", "write_5m"]


def test_deferred_schemas_cost_nothing_until_a_result_refers_to_them() -> None:
    tools = [{"name": "near", "description": "x"}, {"name": "far", "description": "y", "defer_loading": True}]
    reference = {"type": "tool_reference", "tool_name": "far"}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [reference]}
    found = parts({"tools": tools, "messages": [{"role": "user", "content": [result]}]})
    assert [(part.kind, part.name) for part in found] == [("schema", "near"), ("user.tool_result", "t1")]
    assert '"far"' in found[1].text


@pytest.mark.parametrize(("width", "height", "tokens"), [(75, 10, 1), (300, 200, 80)])
def test_a_picture_costs_by_its_pixels(width: int, height: int, tokens: int) -> None:
    data = b64encode(picture(width, height)).decode()
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    (found,) = parts({"messages": [{"role": "user", "content": [image]}]})
    assert found.tokens == tokens


def ratio(text: str) -> float:
    """Characters a token."""
    return len(text) / count_tokens(text)
