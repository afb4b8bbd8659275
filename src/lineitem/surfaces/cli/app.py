"""Help, version, completion and mistakes: what the quick argument reader leaves to Click.

In: a command line that `argv.read` did not understand. Out: an exit code. Every command is made from
`commands.COMMANDS`, and every one that can be understood ends in `run.run`, as it does without Click.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from lineitem.surfaces.commands import BY_NAME, COMMANDS, COMMON, COMPATIBLE, PLACES, RANGE, SHOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineitem.surfaces.commands import Command, Option

#: Help is no wider than a small terminal: people paste it.
_WIDTH = 80
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": _WIDTH, "terminal_width": _WIDTH}
#: Commands that share a line of the overview, and what it says.
_TOGETHER = {
    ("hourly", "daily", "weekly", "monthly"): "The bill by hour, day, week, month.",
    ("blocks", "report"): "5-hour blocks; reports as Markdown, to keep.",
    ("export", "demo"): "Answers as files; an example without data.",
    ("forecast", "trend", "compare"): "Where it ends, where it goes, what a change did.",
    ("advice", "whatif", "resume-cost"): "What to change; what it would cost otherwise.",
    ("tools", "mcp", "agents", "skills"): "The bill by one of these ...",
    ("prompts", "projects", "models", "branches"): "... or of these; each adds up to the whole.",
    ("watch", "open", "tui", "serve", "mcp-server"): "Live; dashboards; collector; for models.",
    ("context", "rot", "efficiency", "handoff"): "The window, growth, work; go on, or anew.",
    ("anomalies", "health"): "What stands out and why; how sessions stand.",
    ("install", "uninstall", "status", "autostart"): "Put it beside Claude Code; take it out.",
    ("bill", "calls", "explore"): "By cause; by call; anything by anything.",
    ("commits", "pr"): "The bill by commit, ticket, pull request.",
    ("check", "explain"): "The client's totals; where a figure is from.",
    ("budget", "audit"): "What may be spent; what budgets did.",
    ("manual", "estimate"): "Work logged by hand; what a text would cost.",
    ("ingest", "prices", "settings", "doctor"): "Read; rates; what is set, and wrong.",
    ("shell", "git-hook", "brief", "completion", "hook"): "Shells, commits, AI_CONTEXT.md.",
    ("rebuild", "verify", "archive"): "Derive again; compare; facts elsewhere.",
}
#: Commands whose first example opens the overview.
_FIRST = (("today", "what today cost, and on what"), ("session", "this week's sessions"),
          ("calls", "the dearest tool calls of today"), ("demo", "an example, where there is no data yet"))  # fmt: skip
#: How the options of a command are grouped in its help.
_SECTIONS = (("What is counted", RANGE), ("How it is shown", SHOWN), ("Everywhere", COMMON))


def run_with_click(words: Sequence[str]) -> int:
    """The exit code of a command line, by way of Click."""
    given = _meant(list(words))
    if not given[0].startswith("-") and given[0] not in BY_NAME:
        return _no_command(given[0])
    try:
        done = _group().main(args=given, prog_name="lineitem", standalone_mode=False)
    except click.Abort:
        return 130
    except click.ClickException as error:
        return _refused(error, given[0], named=given[0] in words)
    return done if isinstance(done, int) else 0


def _meant(words: list[str]) -> list[str]:
    """The words with ccusage's other names replaced, and the command put in where none was named."""
    if words[:1] == ["claude"]:
        del words[0]
    if words[:1] == ["sessions"]:
        words[0] = "session"
    if words[:1] == ["help"]:
        return [*words[1:2], "--help"]
    if words and words[0].startswith("-") and words[0] not in ("-h", "--help", "-V", "--version"):
        return ["today", *words]
    return words or ["today"]


# -- mistakes


def _no_command(name: str) -> int:
    said = f"lineitem: there is no command '{name}'."
    if found := _near(name, [*BY_NAME, "help"]):
        said += f" Did you mean {' or '.join(f'`lineitem {each}`' for each in found)}?"
    sys.stderr.write(f"{said}\n`lineitem --help` lists them all.\n")
    return 2


def _refused(error: click.ClickException, name: str, *, named: bool) -> int:
    """Say in our words what was wrong, and where help is."""
    command = BY_NAME.get(name)
    where = f"lineitem {name}" if command and named else "lineitem"
    said = error.format_message()
    if isinstance(error, click.NoSuchOption):
        said = f"there is no option {error.option_name}."
        known = [flag for option in command.options for flag in option.flags] if command else []
        if found := _near(error.option_name, known):
            said += f" Did you mean {' or '.join(found)}?"
    elif isinstance(error, click.MissingParameter) and command:
        said = f"it needs {command.argument}."
    elif "unexpected extra argument" in said and command:
        only = f"only {command.argument}" if command.argument else "no argument"
        extra = said.partition("(")[2].rstrip(")")
        said = f"it takes {only}: '{extra}' is too much."
        if not named and extra.split()[0] in BY_NAME:
            said = f"options come after the command: `lineitem {extra} ...`."
    sys.stderr.write(f"{where}: {said[:1].lower()}{said[1:]}\n`{where} --help` shows how it is used.\n")
    return 2


def _near(word: str, known: Sequence[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(word, known, n=2, cutoff=0.7)


# -- commands


def _group() -> click.Group:
    group = _Group("lineitem", context_settings=_SETTINGS, invoke_without_command=True)
    group.params.append(
        click.Option(["-V", "--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version)
    )
    for command in COMMANDS:
        group.add_command(_command(command))
    return group


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from lineitem import __version__

        print(f"lineitem {__version__}")
        context.exit(0)


def _command(command: Command) -> click.Command:
    def start(**values: Any) -> int:
        from lineitem.surfaces.cli.run import run

        given = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return run(command.name, {name: value for name, value in given.items() if value})

    parameters: list[click.Parameter] = [_option(option) for option in command.options]
    for place, metavar in zip(PLACES, command.argument.split(), strict=False):
        parameters.append(click.Argument([place], required=not metavar.startswith("["), metavar=metavar))
    return _Command(command.name, params=parameters, callback=start, context_settings=_SETTINGS)


def _option(option: Option) -> click.Option:
    names = [option.name, *option.flags]
    if not option.value:
        return click.Option(names, is_flag=True, help=option.help)
    return click.Option(names, metavar=option.value, multiple=option.many, help=option.help)


class _Command(click.Command):
    """A command whose help begins with examples."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        command = BY_NAME[self.name or ""]
        formatter.write(f"{command.summary}\n\n")
        _section(formatter, "Examples", [(example, "") for example in command.examples])
        usage = f"Usage: {ctx.command_path} [OPTIONS] {command.argument}".rstrip()
        if len(usage) > _WIDTH:
            usage = f"Usage: {ctx.command_path} [OPTIONS]\n         {command.argument}"
        formatter.write(f"{usage}\n\n")
        left = [option for option in command.options if option not in COMPATIBLE]
        for _, known in _SECTIONS:
            left = [option for option in left if option not in known]
        sections = [("Only here", tuple(left)), *_SECTIONS]
        for title, known in sections:
            _section(formatter, title, [_row(option) for option in known if option in command.options])
        taken = [option.flags[-1] for option in command.options if option in COMPATIBLE]
        if taken:
            formatter.write_text(f"Accepted for those who come from ccusage: {', '.join(taken)}.")


def _row(option: Option) -> tuple[str, str]:
    flags = ", ".join(option.flags)
    return (f"{flags} {option.value}".rstrip(), option.help)


class _Group(click.Group):
    """The overview: commands under the question they answer."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        formatter.write("lineitem: an itemised bill for Claude Code sessions.\n\n")
        _section(formatter, "Examples", [(BY_NAME[name].examples[0], said) for name, said in _FIRST])
        groups: dict[str, list[tuple[str, str]]] = {}
        for command in COMMANDS:
            row = _overview(command)
            if row:
                groups.setdefault(command.group, []).append(row)
        for title, rows in groups.items():
            _section(formatter, title, rows)
        formatter.write("`lineitem COMMAND --help` has examples and options; --json works everywhere.\n")


def _overview(command: Command) -> tuple[str, str] | None:
    """The line of a command; that of several that share one stands where the first would."""
    for names, said in _TOGETHER.items():
        if command.name in names:
            return (" ".join(names), said) if command.name == names[0] else None
    return (f"{command.name} {command.argument}".rstrip(), command.summary)


def _section(formatter: click.HelpFormatter, title: str, rows: list[tuple[str, str]]) -> None:
    if not rows:
        return
    formatter.write(f"{title}\n")
    with formatter.indentation():
        if any(second for _, second in rows):
            formatter.write_dl(rows, col_max=36)
        else:
            for first, _ in rows:
                formatter.write(f"{'':>{formatter.current_indent}}{first}\n")
    formatter.write("\n")
