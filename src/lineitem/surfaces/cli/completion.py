"""Shell completion: a script for bash, zsh or fish, made from the table of commands.

The scripts hold every word themselves: pressing TAB starts no program.
"""

from __future__ import annotations

import sys

from lineitem.core.problems import UsageError
from lineitem.surfaces.commands import BY_NAME, COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.surfaces.commands import Command, Option

SHELLS = ("bash", "zsh", "fish")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FOLDERS, _FILES = ("/",), (".",)
#: What may stand for a metavar.
_VALUES = {
    "WHEN": ("today", "yesterday", "12h", "7d", "4w"),
    "DAY": _DAYS,
    "DATE": ("today", "yesterday"),
    "DIR": _FOLDERS,
    "FILE": _FILES,
}


def completion(shell: str) -> int:
    """Print the script of a shell; the exit code."""
    if shell not in SHELLS:
        raise UsageError(f"There is completion for {', '.join(SHELLS[:-1])} and {SHELLS[-1]}, not for '{shell}'.")
    sys.stdout.write({"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]())
    return 0


def values_of(metavar: str) -> tuple[str, ...]:
    """The words that may stand there, as far as they are known; of several arguments, in place of the first."""
    metavar = metavar.partition(" ")[0]
    if metavar[:1] != "[" and "|" in metavar:
        return tuple(word for word in metavar.split("|") if not word.isupper())
    if metavar[:1] == "[":
        return values_of(metavar[1:-1]) or ((metavar[1:-1],) if metavar[1:-1].islower() else ())
    return _VALUES.get(metavar, ())


def _words(command: Command) -> str:
    return " ".join(flag for option in command.options for flag in option.flags if flag.startswith("--")) + " --help"


# -- bash


def _bash() -> str:
    choices: dict[tuple[str, ...], list[str]] = {}
    plain: list[str] = []
    for command in COMMANDS:
        for option in command.options:
            if option.value:
                words = values_of(option.value)
                flags = choices.setdefault(words, []) if words else plain
                flags += [flag for flag in option.flags if flag not in flags]
    cases = [f"    {'|'.join(flags)}) {_bash_words(words)}; return ;;" for words, flags in choices.items()]
    cases.append(f"    {'|'.join(plain)}) return ;;")
    options = [f"    {command.name}) words='{_words(command)}' ;;" for command in COMMANDS]
    arguments = [
        f"    {command.name}) words='{' '.join(values_of(command.argument))}' ;;"
        for command in COMMANDS
        if values_of(command.argument)
    ]
    return "\n".join([
        "# lineitem completion bash > ~/.local/share/bash-completion/completions/lineitem",
        "_lineitem() {",
        "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=",
        "  local command=today",
        "  if [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} != -* ]]; then command=${COMP_WORDS[1]}; fi",
        "  case $before in",
        *cases,
        "  esac",
        "  if [[ $current == -* ]]; then case $command in",
        *options,
        "  esac",
        "  elif [[ $COMP_CWORD -eq 1 ]]; then",
        f"    words='{' '.join(BY_NAME)} help'",
        "  else case $command in",
        *arguments,
        f"    help) words='{' '.join(BY_NAME)}' ;;",
        "  esac; fi",
        '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
        "}",
        "complete -F _lineitem lineitem",
        "",
    ])  # fmt: skip


def _bash_words(words: tuple[str, ...]) -> str:
    what = "-d" if words == _FOLDERS else "-f" if words == _FILES else f"-W '{' '.join(words)}'"
    return f'COMPREPLY=($(compgen {what} -- "$current"))'


# -- zsh


def _zsh() -> str:
    commands = [f"    {_quoted(f'{command.name}:{command.summary}')}" for command in COMMANDS]
    cases: list[str] = []
    for command in COMMANDS:
        specs = [_zsh_option(option) for option in command.options]
        if command.argument:
            specs.append(_quoted(f":{command.argument.strip('[]')}:{_zsh_values(command.argument)}"))
        cases += [f"    {command.name}) _arguments \\", *[f"      {spec} \\" for spec in specs]]
        cases += ["      '(-h --help)'{-h,--help}'[Show help.]' ;;"]
    return "\n".join([
        "#compdef lineitem",
        '# lineitem completion zsh > "${fpath[1]}/_lineitem"',
        "_lineitem() {",
        "  local -a commands",
        "  commands=(",
        *commands,
        "  )",
        "  if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then",
        "    _describe -t commands 'lineitem command' commands",
        "    return",
        "  fi",
        "  local command=today",
        "  if [[ $words[2] != -* ]]; then command=$words[2]; shift words; (( CURRENT-- )); fi",
        "  case $command in",
        *cases,
        "  esac",
        "}",
        'if [[ $funcstack[1] == _lineitem ]]; then _lineitem "$@"; else compdef _lineitem lineitem; fi',
        "",
    ])  # fmt: skip


def _zsh_option(option: Option) -> str:
    about = option.help.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
    value = f":{option.value.replace(':', '')}:{_zsh_values(option.value)}" if option.value else ""
    repeated = "*" if option.many else ""
    if len(option.flags) == 1:
        return _quoted(f"{repeated}{option.flags[0]}[{about}]{value}")
    alone = "" if option.many else _quoted(f"({' '.join(option.flags)})")
    return f"{alone}{{{','.join(repeated + flag for flag in option.flags)}}}{_quoted(f'[{about}]{value}')}"


def _zsh_values(metavar: str) -> str:
    words = values_of(metavar)
    if words in (_FOLDERS, _FILES):
        return "_files -/" if words == _FOLDERS else "_files"
    return f"({' '.join(words)})" if words else " "


# -- fish


def _fish() -> str:
    lines = ["# lineitem completion fish > ~/.config/fish/completions/lineitem.fish", "complete -c lineitem -f"]
    none = "-n __fish_use_subcommand"
    lines += [f"complete -c lineitem {none} -a {command.name} -d {_quoted(command.summary)}" for command in COMMANDS]
    for command in COMMANDS:
        here = f"-n '__fish_seen_subcommand_from {command.name}'" if command.name != "today" else none
        lines += [f"complete -c lineitem {here} {_fish_option(option)}" for option in command.options]
        words = values_of(command.argument) if command.argument else ()
        if words:
            lines.append(f"complete -c lineitem {here} -a {_quoted(' '.join(words))}")
    return "\n".join([*lines, ""])


def _fish_option(option: Option) -> str:
    made = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    words = values_of(option.value) if option.value else ()
    if words in (_FOLDERS, _FILES):
        made.append("-r -F")
    elif option.value:
        made.append("-x" + (f" -a {_quoted(' '.join(words))}" if words else ""))
    return f"{' '.join(made)} -d {_quoted(option.help)}"


def _quoted(text: str) -> str:
    """In single quotes, as all three shells read them."""
    return "'" + text.replace("'", "'\\''") + "'"
