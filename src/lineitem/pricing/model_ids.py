"""The many spellings of a model id, read into one.

In: `message.model` as any platform, gateway or version of Claude Code writes it. Out: a `ModelId`, or None.
Always: a spelling decides the platform, never the version; a version that is not in the table keeps its own
name, so that nothing borrows the price of a sibling.

    claude-opus-4-5-20251101, claude-opus-4-5, claude-opus-4-0, claude-3-7-sonnet-latest   Claude API, Foundry
    anthropic.claude-sonnet-4-5-20250929-v1:0, us.anthropic.claude-opus-5-5                Bedrock
    arn:aws:bedrock:REGION:ACCOUNT:inference-profile/us.anthropic.claude-opus-5-5          Bedrock
    claude-haiku-4-5@20251001, claude-haiku-4-5@default                                    Google Cloud
    anthropic/claude-opus-4.5, vertex_ai/claude-opus-5, CLAUDE-OPUS-5                      gateways
    any of these with [1m]                                                                 Claude Code
"""

from __future__ import annotations

from lineitem.pricing.table import PRICES

#: Bedrock prefixes that keep a request in a region; `global.` does not
_REGIONAL_PREFIXES = ("", "us.", "eu.", "jp.", "au.", "apac.")

#: path prefixes gateways put before an id, and the platform they tell
_GATEWAY_PREFIXES = {
    "anthropic": "",
    "openrouter": "",
    "azure_ai": "",
    "bedrock": "bedrock",
    "converse": "bedrock",
    "vertex_ai": "google",
}

_KNOWN = frozenset(row[0] for row in PRICES)


class ModelId:
    """A Claude model and where it was asked.

    name: canonical, without date, e.g. "claude-opus-4-5", "claude-3-5-haiku".   version: (4, 5).
    platform: "anthropic", "bedrock" or "google".   regional: a regional endpoint of Bedrock.
    long_context: the id asked for the 1M window (`[1m]`).
    """

    __slots__ = ("long_context", "name", "platform", "regional", "version")

    def __init__(
        self, name: str, version: tuple[int, int], platform: str, *, regional: bool, long_context: bool
    ) -> None:
        self.name = name
        self.version = version
        self.platform = platform
        self.regional = regional
        self.long_context = long_context

    def __repr__(self) -> str:
        return (
            f"ModelId({self.name!r}, {self.version}, {self.platform!r},"
            f" regional={self.regional}, long_context={self.long_context})"
        )


def normalise(model: str) -> ModelId | None:
    """The model this id names, None if it is none of the price table's."""
    found = parse_model_id(model)
    return found if found is not None and found.name in _KNOWN else None


def parse_model_id(model: str) -> ModelId | None:
    """As `normalise`, but also for Claude versions that the price table does not have (yet)."""
    text = plain_name(model)
    long_context = text != model.strip().lower()
    if text.startswith("arn:"):
        resource, _, text = text.rpartition("/")
        if ":bedrock:" not in resource:
            return None
    platform, text = _without_gateway(text)
    regional = False
    if "anthropic." in text:
        platform = "bedrock"
        prefix, _, text = text.partition("anthropic.")
        regional = prefix in _REGIONAL_PREFIXES
        if not regional and prefix != "global.":
            return None
        text = _without_revision(text)
    elif "@" in text:
        platform = "google"
        text, _, stamp = text.partition("@")
        if stamp not in ("default", "latest") and not _is_date(stamp):
            return None
        text = text.removesuffix("-v2")  # claude-3-5-sonnet-v2@20241022
    named = _name_and_version(text)
    if named is None:
        return None
    return ModelId(*named, platform or "anthropic", regional=regional, long_context=long_context)


def plain_name(model: str) -> str:
    """Any model name as it is looked up: lower case, no blanks around it, without Claude Code's `[1m]`."""
    return model.strip().lower().removesuffix("[1m]").rstrip()


def _without_gateway(text: str) -> tuple[str, str]:
    platform = ""
    head, slash, rest = text.partition("/")
    while slash and head in _GATEWAY_PREFIXES:
        platform = _GATEWAY_PREFIXES[head] or platform
        text = rest
        head, slash, rest = text.partition("/")
    return platform, text


def _without_revision(text: str) -> str:
    """A Bedrock name without its revision: `-v1`, `-v1:0`, `-v1:0:200k`."""
    name, dash, revision = text.rpartition("-v")
    return name if dash and revision[:1].isdigit() else text


def _name_and_version(text: str) -> tuple[str, tuple[int, int]] | None:
    parts = text.replace(".", "-").split("-")
    if parts[0] != "claude":
        return None
    if parts[-1] == "latest" or _is_date(parts[-1]):
        parts.pop()
    if len(parts) < 3:
        return None
    if parts[1].isalpha():
        family, numbers = parts[1], parts[2:]
    else:
        family, numbers = parts[-1], parts[1:-1]
    if not family.isalpha() or len(numbers) > 2 or not all(_is_number(number) for number in numbers):
        return None
    major, minor = int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else 0
    number = f"{major}-{minor}" if minor else str(major)  # claude-opus-4-0 is claude-opus-4
    # Anthropic put the version first until 3.7, the family first since 4; gateways write either.
    name = f"claude-{number}-{family}" if major < 4 else f"claude-{family}-{number}"
    return name, (major, minor)


def _is_number(text: str) -> bool:
    return len(text) <= 2 and text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")


def _is_date(text: str) -> bool:
    return len(text) == 8 and text.startswith("20") and text.isascii() and text.isdigit()
