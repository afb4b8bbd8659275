"""Writes docs/cli.md from the table of commands: usage, options, examples.

In: `surfaces.commands`. Out: the page. The same table makes the help, so the page and the help agree.

usage: python tools/cli_docs.py      writes the page in place
"""

from __future__ import annotations

from pathlib import Path

from lineitem.surfaces.commands import COMMANDS, COMMON, COMPATIBLE, RANGE, SHOWN, Command, Option

PAGE = Path(__file__).parents[1] / "docs/cli.md"

_HEAD = """\
# The command line

<!-- made by tools/cli_docs.py: do not edit -->

stdout is data, stderr is talk. Exit codes: 0 fine, 1 a check failed or the store cannot be used, 2 wrong use.
What `--json` prints is in [The JSON](json.md).

Without `--config-dir`, transcripts are read from the folders in `CLAUDE_CONFIG_DIR` (a comma list), else from
`$XDG_CONFIG_HOME/claude` and `~/.claude`. The store is where `--db` or `LINEITEM_DB` says, else in the platform's data
folder. On a page narrower than 100 columns some columns are left out; numbers are never cut. `~` marks an
estimate or a provisional amount, `≥` a sum in which some price is missing.
"""

#: Options in groups, and what a command says that has a whole group.
GROUPS = (("What is counted", RANGE), ("How it is shown", SHOWN), ("Everywhere", COMMON), ("From ccusage", COMPATIBLE))


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    groups: dict[str, list[Command]] = {}
    for command in COMMANDS:
        groups.setdefault(command.group, []).append(command)
    for title, commands in groups.items():
        parts.append(f"## {title}\n")
        parts += [_command(command) for command in commands]
    parts.append("## Options\n")
    parts += [_group(title, options) for title, options in GROUPS]
    return "\n".join(parts)


def _command(command: Command) -> str:
    own, groups = _split(command)
    usage = f"lineitem {command.name} [OPTIONS] {command.argument}".rstrip()
    lines = [f"### {command.name}\n", f"{command.summary}\n", "```sh", *command.examples, "```\n", f"Usage: `{usage}`."]
    if groups:
        links = [f"[{title.lower()}](#{title.lower().replace(' ', '-')})" for title in groups]
        lines[-1] += f" Options: {', '.join(links)}{', and' if own else '.'}"
    if own:
        lines += ["", *_table(own)]
    return "\n".join([*lines, ""])


def _split(command: Command) -> tuple[list[Option], list[str]]:
    """(options of its own, groups it has all of)."""
    own = list(command.options)
    groups = []
    for title, options in GROUPS:
        if all(option in own for option in options):
            own = [option for option in own if option not in options]
            groups.append(title)
    return own, groups


def _group(title: str, options: tuple[Option, ...]) -> str:
    return "\n".join([f"### {title}\n", *_table(options), ""])


def _table(options: list[Option] | tuple[Option, ...]) -> list[str]:
    rows = []
    for option in options:
        flags = ", ".join(f"`{flag}`" for flag in option.flags)
        metavar = option.value.replace("|", "\\|")
        value = f" `{metavar}`" if metavar else ""
        rows.append(f"| {flags}{value} | {option.help} |")
    return ["| option | |", "|---|---|", *rows]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
