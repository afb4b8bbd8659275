"""Every command and option of the command line, once: the argument reader and the help are made from this."""

from __future__ import annotations

from collections import namedtuple

#: name: key of the value; flags: how it is written; value: metavar, "" for a switch; many: may be repeated.
Option = namedtuple("Option", ("name", "flags", "value", "help", "many"), defaults=(False,))
#: group: the question it answers; argument: metavars of its arguments, in [] where they may be left out.
Command = namedtuple("Command", ("name", "group", "summary", "argument", "options", "examples"))

#: Where the arguments of a command stand among its options.
PLACES = ("argument", "second", "third", "fourth")

#: Reports that `Lineitem.report` has by their name and that need nothing else.
TABLES = frozenset(
    ("hourly", "daily", "weekly", "monthly", "blocks", "calls", "tools", "mcp", "agents", "skills", "prompts",
     "projects", "models", "branches", "forecast", "trend", "compare")
)  # fmt: skip

JSON = Option("json", ("-j", "--json"), "", "Print JSON, exact to the nanodollar.")
COMMON = (
    JSON,
    Option("config_dir", ("--config-dir",), "DIR", "Read this Claude Code config folder (repeatable).", True),
    Option("db", ("--db",), "URL", "Use this store: sqlite:///path/to/file. [env LINEITEM_DB]"),
    Option("no_color", ("--no-color",), "", "No colours. [env NO_COLOR]"),
    Option("color", ("--color",), "", "Colours also where the output is no terminal. [env FORCE_COLOR]"),
    Option("incognito", ("--incognito",), "", "Obscure names and numbers, for screenshots."),
    Option("offline", ("-O", "--offline", "--no-offline"), "", "Accepted: nothing here needs the network."),
    Option("debug", ("-d", "--debug"), "", "Show a traceback when something breaks."),
)
_ZONE = Option("timezone", ("-z", "--timezone"), "ZONE", "Days and clocks of a zone, such as Europe/Berlin.")
RANGE = (
    Option("since", ("-s", "--since"), "WHEN", "From this day on: 2026-08-01, 20260801, 7d, 12h, today."),
    Option("until", ("-u", "--until"), "WHEN", "Up to and with this day."),
    Option("project", ("-p", "--project"), "TEXT", "Only projects with this in their name."),
    Option("model", ("--model",), "TEXT", "Only models with this in their name."),
    _ZONE,
    Option("order", ("-o", "--order"), "asc|desc", "Order of the rows."),
)
SHOWN = (
    Option("breakdown", ("-b", "--breakdown"), "", "Show each model below its row."),
    Option("compact", ("--compact",), "", "The narrow table, whatever the width."),
    Option("no_cost", ("--no-cost",), "", "Leave the money out."),
)
COMPATIBLE = (
    Option("mode", ("-m", "--mode"), "MODE", "Accepted: costs are always calculated."),
    Option("all", ("--all",), "", "Accepted: Claude Code is the only agent read."),
    Option("single_thread", ("--single-thread",), "", "Read in one process."),
    Option("config", ("--config",), "FILE", "Accepted: settings are in settings.toml."),
    Option("debug_samples", ("--debug-samples",), "N", "Accepted."),
)
_PERIOD = (*COMMON, *RANGE, *SHOWN, *COMPATIBLE)
_INSTANCES = Option("instances", ("-i", "--instances"), "", "Group by project.")
_LAST = Option("last", ("--last",), "N", "Only the latest N periods.")
_WEEK = Option("start_of_week", ("-w", "--start-of-week"), "DAY", "First day of a week. [default: sunday]")
_SESSION = Option("session", ("--session",), "ID", "Only this session (the beginning of its id is enough).")
_ID = Option("session", ("--id",), "ID", "The session to itemise; the same as the argument.")

SEE, LIVE, EXPLAIN, KEEP = "See what was spent", "See it live", "Explain it", "Set up and repair"
LIMIT = "Plan and limit it"
_FILE = Option("settings", ("--settings",), "PATH", "Claude Code's settings.json. [default: its own]")
_DRY = Option("dry_run", ("--dry-run",), "", "Show the change and stop.")
_YES = Option("yes", ("-y", "--yes"), "", "Do not ask.")
_PORT = Option("port", ("--port",), "N", "The collector's port. [default: 4953]")

COMMANDS = (
    Command("today", SEE, "Today's bill: what `lineitem` alone shows.", "", _PERIOD, ("lineitem", "lineitem --json")),
    Command("hourly", SEE, "The bill hour by hour.", "", (*_PERIOD, _INSTANCES, _LAST),
            ("lineitem hourly --since today", "lineitem hourly --last 24")),
    Command("daily", SEE, "The bill day by day.", "", (*_PERIOD, _INSTANCES, _LAST),
            ("lineitem daily --since 7d", "lineitem daily --json --breakdown")),
    Command("weekly", SEE, "The bill week by week.", "", (*_PERIOD, _INSTANCES, _LAST, _WEEK),
            ("lineitem weekly --start-of-week monday",)),
    Command("monthly", SEE, "The bill month by month.", "", (*_PERIOD, _INSTANCES, _LAST),
            ("lineitem monthly --order desc",)),
    Command("session", SEE, "The bill by session, or one session itemised.", "[ID]", (*_PERIOD, _ID),
            ("lineitem session --since 7d", "lineitem session 3f2a91c0")),
    Command("blocks", SEE, "Usage in 5-hour blocks, as plans count it.", "",
            (*_PERIOD, Option("active", ("-a", "--active"), "", "Only the block that runs now."),
             Option("recent", ("-r", "--recent"), "", "Only the last three days."),
             Option("token_limit", ("-t", "--token-limit"), "N|max", "Compare with this many tokens."),
             Option("session_length", ("-n", "--session-length"), "HOURS", "Length of a block. [default: 5]")),
            ("lineitem blocks --recent",)),
    Command("report", SEE, "A session, day, week or month as Markdown, to keep.",
            "[session|daily|weekly|monthly] [ID]", (*COMMON,
            Option("output", ("-o", "--output"), "FILE", "Write it there; what stands outside its sections stays."),
            Option("audience", ("--audience",), "engineer|manager|finance|security", "Whom it is for."
                   " [default: engineer]"),
            Option("day", ("--day",), "WHEN", "The day, week or month this day lies in. [default: today]"),
            Option("git", ("--git",), "", "Of a session: ask git about its folder."),
            Option("pictures", ("--pictures",), "", "Draw pictures beside the file, too."),
            Option("format", ("--format",), "svg|png", "Of pictures: the charts of the dashboard, in this format."),
            Option("follow", ("--watch",), "", "Write it again whenever something changed."),
            Option("force", ("--force",), "", "Also over a file that is no such report."),
            RANGE[2], RANGE[3], _ZONE, _WEEK),
            ("lineitem report daily", "lineitem report session 3f2a91c0 -o session.md",
             "lineitem report weekly --audience manager -o weekly.md")),
    Command("watch", LIVE, "Sessions and tool calls as they happen.", "",
            (*COMMON, _ZONE, Option("once", ("--once",), "", "Show it once and stop.")), ("lineitem watch",)),
    Command("tui", LIVE, "A dashboard in the terminal, live.", "", (*COMMON[1:], *RANGE[:5],
            Option("theme", ("--theme",), "dark|light", "How it looks. [default: as the terminal, else dark]")),
            ("lineitem tui", "lineitem tui --project shop --since 7d")),
    Command("serve", LIVE, "The collector: takes hooks, statusline and telemetry.", "", (*COMMON, _PORT,
            Option("grpc_port", ("--grpc-port",), "N", "Take telemetry over gRPC, too, on this port. [default: off]")),
            ("lineitem serve", "lineitem serve --grpc-port 4317")),
    Command("open", LIVE, "The dashboard in the browser.", "", (*COMMON, _PORT,
            Option("print", ("--print",), "", "Only print its address: whoever has it may look.")),
            ("lineitem open", "lineitem open --print")),
    Command("mcp-server", LIVE, "Answer a model's questions: an MCP server on stdin and stdout.", "", (*COMMON,
            Option("allow_writes", ("--allow-writes",), "", "Let a model log manual work. [default: it only reads]")),
            ("lineitem mcp-server", "lineitem mcp-server --incognito")),
    Command("anomalies", LIVE, "What stands out, and why.", "", (*COMMON, *RANGE, _SESSION,
            Option("every", ("--every",), "", "Also what came soon after another of its kind.")),
            ("lineitem anomalies --since 7d", "lineitem anomalies --session 3f2a91c0 --json")),
    Command("health", LIVE, "How sessions stand: context, growth, limits.", "[ID]", (*COMMON, _ZONE),
            ("lineitem health", "lineitem health 3f2a91c0 --json")),
    Command("bill", EXPLAIN, "Every cause as a tree.", "", (*COMMON, *RANGE, _SESSION,
            Option("under", ("--under",), "CAUSE", "Only this cause and what is below it: memory, tool/Bash.")),
            ("lineitem bill --since 7d", "lineitem bill --session 3f2a91c0 --under tool/Bash --json")),
    Command("calls", EXPLAIN, "What each tool call cost over its life.", "", (*COMMON, *RANGE, _SESSION),
            ("lineitem calls --since today", "lineitem calls --session 3f2a91c0 --json")),
    Command("tools", EXPLAIN, "The bill by tool.", "", (*COMMON, *RANGE, _SESSION), ("lineitem tools --since 7d",)),
    Command("mcp", EXPLAIN, "The bill by MCP server, schemas and calls.", "", (*COMMON, *RANGE, _SESSION),
            ("lineitem mcp",)),
    Command("agents", EXPLAIN, "The bill by agent.", "", (*COMMON, *RANGE, _SESSION), ("lineitem agents",)),
    Command("skills", EXPLAIN, "The bill by skill.", "", (*COMMON, *RANGE, _SESSION), ("lineitem skills",)),
    Command("prompts", EXPLAIN, "The bill by prompt, agents included.", "", (*COMMON, *RANGE, _SESSION),
            ("lineitem prompts --since today",)),
    Command("projects", EXPLAIN, "The bill by project.", "", (*COMMON, *RANGE,
            Option("by", ("--by",), "folder|clone|repository", "Worktrees, or clones of a repository, as one.")),
            ("lineitem projects", "lineitem projects --by repository")),
    Command("models", EXPLAIN, "The bill by model.", "", (*COMMON, *RANGE, _SESSION), ("lineitem models --since 7d",)),
    Command("branches", EXPLAIN, "The bill by git branch.", "", (*COMMON, *RANGE, _SESSION), ("lineitem branches",)),
    Command("explore", EXPLAIN, "The bill by anything, split by anything else, over time.", "",
            (*COMMON, *RANGE, _SESSION,
            Option("by", ("--by",), "WHAT", "project, model, branch, skill, session; kind, cause, tool, server, agent,"
                   " part. [default: project]"),
            Option("split", ("--split",), "WHAT", "A second one of these."),
            Option("over", ("--over",), "day|week|month", "Period by period; of the first five."), _WEEK),
            ("lineitem explore --by project --split model --over week", "lineitem explore --by tool --split part")),
    Command("commits", EXPLAIN, "What commits cost, or branches and tickets.", "", (*COMMON, *RANGE, _SESSION,
            Option("by", ("--by",), "commit|branch|ticket", "What a row is. [default: commit]"),
            Option("repo", ("--repo",), "DIR", "Ask git in this folder what a commit is. [default: here]"),
            Option("notes", ("--notes",), "", "Show what `git notes --ref=lineitem` would hold."), _YES),
            ("lineitem commits --since 7d", "lineitem commits --by ticket --json",
             "lineitem commits --repo ~/code/shop --notes --yes")),
    Command("pr", EXPLAIN, "What pull requests cost, or one in full.", "[NUMBER|BRANCH]", (*COMMON, *RANGE,
            Option("markdown", ("--markdown",), "", "As a comment for GitHub or GitLab."),
            Option("paths", ("--paths",), "", "In the comment, also what tool calls were called on.")),
            ("lineitem pr", "lineitem pr 12 --markdown", "lineitem pr feat/checkout --json")),
    Command("context", EXPLAIN, "What lies in the context window, and what it costs.", "[ID]", (*COMMON,
            Option("turns", ("--turns",), "", "What each request sent: how the window grew.")),
            ("lineitem context", "lineitem context 3f2a91c0 --turns --json")),
    Command("rot", EXPLAIN, "What prompts cost as a session grows.", "[ID]", (*COMMON, *RANGE,
            Option("every", ("--every",), "N", "Compare with fresh sessions of N prompts. [default: 10]")),
            ("lineitem rot --since 30d", "lineitem rot 3f2a91c0 --every 20")),
    Command("efficiency", EXPLAIN, "Working time, tokens a minute, cost an hour, kinds of work.", "",
            (*COMMON, *RANGE, _SESSION,
             Option("by", ("--by",), "day|week|month|project|session|model", "What a row is. [default: day]"),
             Option("gap", ("--gap",), "MINUTES", "A longer pause is no work. [default: 10]")),
            ("lineitem efficiency --since 7d", "lineitem efficiency --by project --json")),
    Command("check", EXPLAIN, "The bill against Claude Code's own totals.", "", (*COMMON, *RANGE, _SESSION),
            ("lineitem check", "lineitem check --json")),
    Command("explain", EXPLAIN, "Where a figure came from, down to the lines it was read from.", "ID", COMMON,
            ("lineitem explain toolu_01AbC", "lineitem explain msg_01AbC --json")),
    Command("budget", LIMIT, "What may be spent, and what is used of it.",
            "[add|edit|remove|list|status|check|override] [NAME]", (*COMMON,
            Option("limit", ("--limit",), "AMOUNT", "Dollars, as in 50 or 12.50; or tokens, as in 2M or 500k."),
            Option("period", ("--period",), "PERIOD", "day, week, month, session, or a rolling 12h, 30d, 4w."),
            Option("of", ("--of",), "WHAT", "Only of this: project=shop, model=opus, tool=Bash, team=core ...", True),
            Option("warn", ("--warn",), "PERCENT", "Warn from these shares on. [default: 80]"),
            Option("forecast", ("--forecast",), "on|off", "Warn if the period will end above it. [default: on]"),
            Option("act", ("--act",), "warn|ask|block|none", "What it does when it is used up. [default: none]"),
            Option("on", ("--on",), "WHEN", "When: prompt, agent, model, call. [default: prompt,agent]"),
            Option("fail", ("--fail",), "open|closed", "What holds while no collector runs. [default: open]"),
            Option("reason", ("--reason",), "TEXT", "Why it is overridden; it is logged."),
            Option("for_time", ("--for",), "TIME", "For how long: 90m, 2h, 1d. [default: 1h]"),
            Option("timezone", ("-z", "--timezone"), "ZONE", "Days of this time zone, such as Europe/Berlin.")),
            ("lineitem budget add shop --limit 200 --period month --of project=shop", "lineitem budget",
             "lineitem budget status shop", "lineitem budget check")),
    Command("audit", LIMIT, "What budgets did, and what was done to them.", "", (*COMMON, RANGE[0], RANGE[1], RANGE[4]),
            ("lineitem audit --since 7d", "lineitem audit --json")),
    Command("forecast", LIMIT, "Where the month, the week or a range will end.", "", (*COMMON, *RANGE,
            Option("by", ("--by",), "week|month", "What is under way. [default: month]"), _WEEK),
            ("lineitem forecast", "lineitem forecast --by week --project shop",
             "lineitem forecast --since 2026-11-15 --until 2026-12-14")),
    Command("trend", LIMIT, "Session over session, each against the ones before.", "", (*COMMON, *RANGE,
            Option("latest", ("--last",), "N", "So many sessions of each project. [default: 10]")),
            ("lineitem trend --project shop", "lineitem trend --last 5 --json")),
    Command("advice", LIMIT, "What to change, and what it would have saved.", "[ID]", (*COMMON, *RANGE, _SESSION,
            Option("done", ("--done",), "ID", "This advice is followed from now on: say what comes of it."),
            Option("undo", ("--undo",), "ID", "It is followed no longer.")),
            ("lineitem advice", "lineitem advice --since 30d --json")),
    Command("whatif", LIMIT, "What it would have cost otherwise.", "[ID]", (*COMMON, *RANGE,
            Option("on", ("--on",), "MODEL", "On another model."),
            Option("cut", ("--cut",), "TOKENS", "Had no tool result been longer than this."),
            Option("without", ("--without",), "SERVER", "Without the schemas of this MCP server."),
            Option("lifetime", ("--lifetime",), "5m|1h", "With caches of 5 minutes, or of an hour."),
            Option("clear", ("--clear",), "N", "Had a fresh session begun with prompt N."),
            Option("compact", ("--compact",), "N", "Had it been compacted before prompt N."),
            Option("summary", ("--summary",), "TOKENS", "Length of that summary. [default: 3000]")),
            ("lineitem whatif 3f2a91c0", "lineitem whatif 3f2a91c0 --clear 12 --on claude-sonnet-5-5",
             "lineitem whatif --since 7d --cut 1000")),
    Command("handoff", EXPLAIN, "Go on, compact or start anew; and the prompt to start with.", "[ID]", (*COMMON, _ZONE,
            Option("tokens", ("--tokens",), "N", "The prompt has at most so many. [default: 500]"),
            Option("prompts", ("--prompts",), "N", "Compare the next N prompts. [default: 10]"),
            Option("repo", ("--repo",), "DIR", "The repository the work is in. [default: the session's, or here]"),
            Option("only", ("--only",), "", "Print the prompt and nothing else."),
            Option("output", ("-o", "--output"), "FILE", "Write the prompt there."),
            Option("copy", ("--copy",), "", "Put the prompt into the clipboard."),
            Option("dry_run", ("--dry-run",), "", "Write and copy nothing."),
            Option("force", ("--force",), "", "Also over a file that is no such prompt.")),
            ("lineitem handoff", "lineitem handoff 3f2a91c0 --tokens 800 -o next.md", "lineitem handoff --only")),
    Command("resume-cost", LIMIT, "What taking a session up again costs, cold or warm.", "[ID]", (*COMMON, _ZONE,
            Option("prompts", ("--prompts",), "N", "For the next N prompts. [default: 10]")),
            ("lineitem resume-cost", "lineitem resume-cost 3f2a91c0 --json")),
    Command("compare", LIMIT, "Before and after: did it change, or is it chance.", "", (*COMMON, *RANGE,
            Option("with", ("--with",), "A..B", "What --since to --until is compared with; without B, up to now."),
            Option("marker", ("--marker",), "DATE", "Compare what was before this day with what came after."),
            Option("days", ("--days",), "N", "Days on each side of the marker. [default: 30]")),
            ("lineitem compare --marker 2026-11-09",
             "lineitem compare --since 20260901 --until 20260930 --with 20261001..")),
    Command("manual", LIMIT, "Work outside Claude Code, logged by hand.",
            "[start|log|quick|note|status|end] [WHAT] [OUT] [CONTEXT]", (*COMMON, RANGE[0], RANGE[1], _ZONE, RANGE[5],
            Option("named_model", ("--model",), "MODEL", "The model that was used, or a part of its name: sonnet."),
            Option("expect", ("--expect",), "AMOUNT|KIND", "What it will take: 2.50, 400k, or one exchange of a kind."),
            Option("next_step", ("--next",), "", "The note is a next step."),
            Option("out", ("--out",), "FILE", "Write the report to this new file.")),
            ("lineitem manual start checkout --expect 2.50", "lineitem manual log 12k 3k 'tax rules' --model sonnet",
             "lineitem manual quick review 'pull request 7'", "lineitem manual status", "lineitem manual end")),
    Command("estimate", LIMIT, "What a text would cost: as input, and carried along.", "FILE|-", (*COMMON,
            RANGE[3], Option("requests", ("--requests",), "N", "So many later requests carry it. [default: as usual]")),
            ("lineitem estimate README.md", "lineitem estimate - --model opus --requests 50")),
    Command("export", SEE, "Any report, line items or a profile, for other programs.", "REPORT [ID]", (*COMMON,
            Option("format", ("--format",), "csv|jsonl|json|parquet|speedscope|pprof|prometheus|otlp|svg|png",
                   "How it is written. [default: csv; metrics: prometheus]"),
            Option("output", ("-o", "--output"), "FILE", "Where to. [default: stdout]"),
            Option("to", ("--to",), "URL", "Send metrics to this OpenTelemetry receiver: http://localhost:4318."),
            Option("force", ("--force",), "", "Send them though nothing has changed since the last time."),
            *RANGE[:-1], Option("order", ("--order",), "asc|desc", RANGE[-1].help), _SESSION, _LAST, _WEEK,
            Option("account", ("--account",), "ID", "Who is billed, for `focus`. [default: unknown]"),
            Option("by", ("--by",), "WHAT", "As the report itself has it."),
            Option("split", ("--split",), "WHAT", "For `explore`, as it has it."),
            Option("over", ("--over",), "day|week|month", "For `explore`, as it has it."),
            Option("with", ("--with",), "A..B", "For `compare`, as it has it."),
            Option("marker", ("--marker",), "DATE", "For `compare`, as it has it."),
            Option("days", ("--days",), "N", "For `compare`, as it has it.")),
            ("lineitem export daily -o days.csv", "lineitem export items --since 7d --format jsonl",
             "lineitem export session 3f2a91c0 --format speedscope -o session.json",
             "lineitem export otlp --to http://localhost:4318")),
    Command("demo", SEE, "A built-in example, with no data at all.", "", COMMON, ("lineitem demo",)),
    Command("install", KEEP, "Put hooks and statusline into Claude Code.", "", (*COMMON, _FILE, _DRY, _YES, _PORT,
            Option("style", ("--style",), "http|command", "How hooks reach lineitem. [default: http]"),
            Option("otlp", ("--otlp",), "", "Let Claude Code send its telemetry here, too."),
            Option("no_statusline", ("--no-statusline",), "", "Leave the statusline alone."),
            Option("repair", ("--repair",), "", "Put back what somebody took out.")),
            ("lineitem install --dry-run", "lineitem install")),
    Command("uninstall", KEEP, "Take them out again, to the byte.", "", (*COMMON, _FILE, _DRY, _YES),
            ("lineitem uninstall --dry-run", "lineitem uninstall")),
    Command("status", KEEP, "What is in place: hooks, collector, store.", "", (*COMMON, _FILE,
            Option("egress", ("--egress",), "", "What would leave this machine.")),
            ("lineitem status", "lineitem status --egress")),
    Command("autostart", KEEP, "Start the collector at login.", "[on|off|status]", COMMON,
            ("lineitem autostart on", "lineitem autostart status")),
    Command("settings", KEEP, "What is set, and from where; change it.", "", (*COMMON,
            Option("set", ("--set",), "NAME=VALUE", "Set this: health.preset=intensive (repeatable).", True),
            Option("unset", ("--unset",), "NAME", "Take this out again (repeatable).", True), _DRY, _YES),
            ("lineitem settings", "lineitem settings --set health.preset=intensive",
             "lineitem settings --set alerts.channels.desk.kind=desktop --dry-run")),
    Command("ingest", KEEP, "Read what is new and stop.", "", COMMON, ("lineitem ingest --json",)),
    Command("prices", KEEP, "The price book in force; `prices check` compares it.", "[check]", COMMON,
            ("lineitem prices", "lineitem prices check")),
    Command("doctor", KEEP, "What is wrong here and how to mend it.", "", COMMON, ("lineitem doctor",)),
    Command("rebuild", KEEP, "Derive everything again from the facts.", "", COMMON, ("lineitem rebuild",)),
    Command("verify", KEEP, "Derive everything again and compare.", "", COMMON, ("lineitem verify",)),
    Command("archive", KEEP, "Facts to a folder or object storage, and back into a store.", "push|pull|check|prune URL",
            (*COMMON, Option("format", ("--format",), "parquet|jsonl",
                             "How a push writes. [default: as before; parquet where pyarrow is]"),
             Option("verify", ("--verify",), "", "Read what was pushed before; push again what was altered."),
             Option("dry_run", ("--dry-run",), "", "Say what would be sent, come or go, and stop."), _YES),
            ("lineitem archive push ~/lineitem-archive", "lineitem archive push s3://bucket/lineitem --dry-run",
             "lineitem archive pull s3://bucket/lineitem", "lineitem archive check ~/lineitem-archive",
             "lineitem archive prune ~/lineitem-archive")),
    Command("hook", KEEP, "What the plugin's hooks run: keeps an event that Claude Code tells.", "", COMMON,
            ("lineitem hook",)),
    Command("shell", KEEP, "Print short words for `lineitem manual`: claude-start, claude-log ...", "bash|zsh|fish",
            COMMON, ("lineitem shell bash",)),
    Command("git-hook", KEEP, "Log commits to the manual session that is open.", "[on|off|status]", (*COMMON, _DRY),
            ("lineitem git-hook on", "lineitem git-hook off")),
    Command("brief", KEEP, "AI_CONTEXT.md: made, kept fresh after each commit, looked at.",
            "[status|check|create|sync|on|off]", (*COMMON, _DRY,
            Option("repo", ("--repo",), "DIR", "The repository it is of. [default: here]"),
            Option("commit", ("--commit",), "", "Commit it by itself; with `on`, after each commit."),
            Option("template", ("--template",), "", "With `on` and `off`: git's template, for new clones.")),
            ("lineitem brief create", "lineitem brief on", "lineitem brief", "lineitem brief check")),
    Command("completion", KEEP, "Print shell completion.", "bash|zsh|fish", COMMON, ("lineitem completion bash",)),
)  # fmt: skip

BY_NAME = {command.name: command for command in COMMANDS}

#: What only a command line is told, of reports that are asked for elsewhere, too: it writes, or asks git in a folder.
_AT_TERMINAL = {
    "session": ("session",), "commits": ("repo", "notes", "yes"), "pr": ("markdown", "paths"),
    "advice": ("done", "undo"), "watch": ("once",), "settings": ("set", "unset", "dry_run", "yes"),
    "handoff": ("repo", "only", "output", "copy", "dry_run", "force"),
    "budget": ("limit", "period", "of", "warn", "forecast", "act", "on", "fail", "reason", "for_time"),
}  # fmt: skip
#: Arguments that name what is asked for.
_NAMES = ("ID", "NAME", "NUMBER|BRANCH")


def asked_with(name: str) -> tuple[str, ...]:
    """The options of a report wherever it is asked for; `argument` is what a command line has without a flag."""
    command = BY_NAME[name]
    left = {id(option) for option in (*COMMON, *SHOWN[1:], *COMPATIBLE)}
    found = [option.name for option in command.options if id(option) not in left]
    named = any(word.strip("[]") in _NAMES for word in command.argument.split())
    return (*(each for each in found if each not in _AT_TERMINAL.get(name, ())), *(("argument",) if named else ()))
