"""Plain work in one conversation: reading, writing, many calls at once, large results, pictures."""

from __future__ import annotations

from collections.abc import Mapping

from tests.client.materials import code, foreign, log, numbers, picture, prose, records
from tests.client.scenario import Prompt, Say, Scenario, Think, Use, rule
from tests.client.scenarios.house import HOUSE, bash, read, write

BASIC = Scenario(
    "basic",
    "thinking, text, parallel calls, a failing call, a file written, two prompts",
    prompts=(Prompt("ALPHA: look around the house", "new"), Prompt("BRAVO: now tidy it up")),
    rules=(
        rule(
            "ALPHA",
            (Think(prose(5, seed=20)), Say("First I look around."), bash("ls -la; head -c 3000 notes.md")),
            (bash("cat table.csv"), bash("cat src/orders.py")),
            (Say(prose(3, seed=21)), write("plan.md", prose(30, seed=22))),
            bash("false"),
            Say(prose(6, seed=23)),
        ),
        rule(
            "BRAVO",
            (Think(prose(9, seed=24)), bash("cat orders.json")),
            (Say("Two things at once."), bash("grep -n return src/orders.py"), bash("wc -l *.md")),
            bash("tail -40 server.log"),
            Say(prose(10, seed=25)),
        ),
    ),
    files=HOUSE,
)

PARALLEL = Scenario(
    "parallel",
    "many parallel calls with results of every kind: prose, code, digits, JSON, logs, other alphabets",
    prompts=(Prompt("ANCHOR: everything at once", "new"), Prompt("BEACON: and again, the other way round")),
    rules=(
        rule(
            "ANCHOR",
            (
                bash("cat notes.md"),
                bash("cat table.csv"),
                bash("cat orders.json"),
                bash("cat server.log"),
                bash("cat src/orders.py"),
                bash("cat foreign.txt"),
                bash("seq 700"),
                bash("true"),
                write("copy.py", code(12, seed=110)),
                write("copy.csv", numbers(40, seed=111)),
            ),
            Say(prose(5, seed=112)),
        ),
        rule(
            "BEACON",
            (Say("Both."), bash("tail -60 server.log"), bash("tail -60 notes.md")),
            (
                bash("head -c 4000 src/orders.py"),
                bash("head -c 4000 table.csv"),
                bash("head -c 4000 orders.json"),
            ),
            Say("Everything seen."),
        ),
    ),
    files={**HOUSE, "foreign.txt": foreign(60)},
)

EDITS = Scenario(
    "edits",
    "files read, edited and read again with the file tools, and a file changed behind the model's back",
    prompts=(Prompt("CANVAS: mend the code", "new"), Prompt("DAGGER: look again")),
    rules=(
        rule(
            "CANVAS",
            read("src/orders.py"),
            Use(
                "Edit",
                {
                    "file_path": "{project}/src/orders.py",
                    "old_string": "import math",
                    "new_string": "import cmath as math",
                },
            ),
            (Use("Grep", {"pattern": "raise", "output_mode": "content"}), Use("Glob", {"pattern": "**/*"})),
            bash("echo '# changed' >> src/orders.py"),
            read("notes.md"),
            Say("Mended."),
        ),
        rule("DAGGER", read("src/orders.py"), bash("git diff"), Say("Looks right.")),
    ),
    files=HOUSE,
)

BIG_FILES: Mapping[str, str | bytes] = {
    **HOUSE,
    "big/table.csv": numbers(2000, seed=90),
    "big/a.py": code(140, seed=91),
    "big/b.md": prose(700, seed=92),
    "big/c.json": records(420, seed=93),
    "big/d.log": log(400, seed=94),
    "big/e.csv": numbers(450, seed=95),
    "big/f.py": code(140, seed=96),
    "big/g.md": prose(700, seed=97),
    "big/h.py": code(150, seed=98),
    "big/i.csv": numbers(450, seed=99),
}

BIG_RESULTS = Scenario(
    "big_results",
    "results too large for one look, until the prompt passes the step in Haiku 5.5's price",
    prompts=(Prompt("WHISKEY: read the big ones", "new"), Prompt("XRAY: and count")),
    rules=(
        rule(
            "WHISKEY",
            bash("cat big/table.csv"),
            (read("big/a.py"), read("big/b.md")),
            (read("big/c.json"), read("big/d.log"), read("big/e.csv")),
            (read("big/f.py"), read("big/g.md")),
            (read("big/h.py"), read("big/i.csv")),
            Say("That was much."),
        ),
        rule("XRAY", bash("wc big/*"), Say("Counted.")),
    ),
    files=BIG_FILES,
    model="claude-haiku-5-5",
)

PICTURES = Scenario(
    "pictures",
    "pictures, whose tokens go by their pixels and not by the length of their letters",
    prompts=(Prompt("TOPAZ: look at these", "new"),),
    rules=(
        rule(
            "TOPAZ",
            (read("small.png"), bash("head -20 notes.md"), read("large.png")),
            bash("head -40 table.csv"),
            Say("Pretty."),
        ),
    ),
    files={**HOUSE, "small.png": picture(64, 48), "large.png": picture(400, 300)},
)
