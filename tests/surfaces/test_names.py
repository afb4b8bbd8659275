"""Names without the parts everybody knows, and colours that can be seen."""

from __future__ import annotations

import pytest

from lineitem.surfaces import palette
from lineitem.surfaces.names import model_name, project_name, short_id


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("claude-opus-4-5-20251101", "opus-4-5"),
        ("claude-sonnet-5-5", "sonnet-5-5"),
        ("claude-3-5-haiku-20241022", "3-5-haiku"),
        ("anthropic/claude-opus-5", "opus-5"),
        ("gpt-oss", "gpt-oss"),
        ("20251101", "20251101"),
        ("", ""),
    ],
)
def test_a_model_loses_its_maker_and_its_date(model: str, text: str) -> None:
    assert model_name(model) == text


@pytest.mark.parametrize(
    ("folder", "text"),
    [
        ("-home-ada-work-shop", "work-shop"),
        ("-Users-ada-shop", "shop"),
        ("C--Users-ada-shop", "shop"),
        ("-home-ada", "~"),
        ("-srv-shop", "srv-shop"),
        ("-root-shop", "shop"),
        ("shop", "shop"),
        ("", ""),
    ],
)
def test_a_project_loses_the_way_to_the_home_directory(folder: str, text: str) -> None:
    assert project_name(folder) == text


def test_a_session_is_named_by_what_the_command_line_takes() -> None:
    assert short_id("3f2a91c0-1111-4222-8333-444455556666") == "3f2a91c0"


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("kind", palette.KINDS)
def test_every_colour_can_be_seen_on_white_and_on_black(kind: str) -> None:
    light = luminance(palette.colour(kind)) + 0.05
    assert 1.05 / light >= 3
    assert light / 0.05 >= 3


def test_every_kind_has_a_colour_of_its_own_and_a_name() -> None:
    assert len(set(palette.KINDS.values())) == len(palette.KINDS)
    assert palette.NAMES.keys() == palette.KINDS.keys()
    assert palette.colour("something new") == palette.KINDS["remainder"]
    assert palette.name("something new") == "something new"
