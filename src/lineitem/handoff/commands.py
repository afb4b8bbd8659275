"""Commands that a repository's files are known to bring, where no page of it says how to test."""

from __future__ import annotations

from lineitem.handoff.pieces import COMMANDS, Piece
from lineitem.handoff.reading import size_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Commands that a kind of file is known to bring: (file, what of it is looked for, the command).
_KNOWN = (
    ("justfile", "test", "just test"), ("Justfile", "test", "just test"), ("Makefile", "test", "make test"),
    ("Makefile", "lint", "make lint"), ("Cargo.toml", "", "cargo test"), ("go.mod", "", "go test ./..."),
    ("pyproject.toml", "pytest", "pytest"), ("tox.ini", "", "tox"), ("pom.xml", "", "mvn test"),
    ("build.gradle", "", "gradle test"), ("mix.exs", "", "mix test"), ("Gemfile", "rspec", "bundle exec rspec"),
)  # fmt: skip
_SCRIPTS = ("test", "lint", "build", "typecheck")


def commands_of(top: str) -> Iterator[Piece]:
    """What there is to run."""
    text = text_of(top, "package.json")
    if text:
        from json import loads

        try:
            scripts = loads(text).get("scripts", {})
        except (ValueError, AttributeError, RecursionError):
            scripts = {}
        if isinstance(scripts, dict):
            yield from (Piece(COMMANDS, f"npm run {name}", "package.json") for name in _SCRIPTS if name in scripts)
    for name, wanted, command in _KNOWN:
        content = text_of(top, name) if size_of(top, name) else ""
        if content and (not wanted or wanted in content):
            yield Piece(COMMANDS, command, name)
