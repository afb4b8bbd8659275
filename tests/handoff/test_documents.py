"""What files say of the work."""

from __future__ import annotations

from lineitem.handoff.documents import pieces_of


def told(text: str, *, tasks: bool = False) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for piece in pieces_of(text, "AI_CONTEXT.md", tasks=tasks):
        found.setdefault(piece.section, []).append(piece.text)
    return found


def test_a_page_with_everything() -> None:
    assert told(
        """# Shop
**Status:** beta
## Current phase
Checkout, second half.
## Next steps
- [x] cart
- [x] prices
- [ ] VAT for three countries,
  and how it rounds
- [ ] refunds
## Key decisions
* money is whole cents
## Rules
1. no float
## Commands
```sh
$ npm test   # all of it
# not this
```
- `npm run lint` before a commit
"""
    ) == {
        "status": ["Status: beta", "Checkout, second half."],
        "done": ["prices", "cart"],
        "open": ["VAT for three countries, and how it rounds", "refunds"],
        "decisions": ["money is whole cents"],
        "constraints": ["no float"],
        "commands": ["npm test", "npm run lint"],
    }


def test_examples_in_fences_and_comments_are_no_tasks() -> None:
    assert told("## Tasks\n```md\n- [ ] example\n```\n<!-- - [ ] hidden\n- [ ] too\n-->\n- [ ] real\n") == {
        "open": ["real"]
    }


def test_a_task_in_a_file_of_its_own() -> None:
    text = "---\ntitle: 'refunds'\nstatus: {}\n---\nText.\n- [ ] the form\n"
    assert told(text.format("In Progress"), tasks=True) == {"open": ["refunds (under way)", "the form"]}
    assert told(text.format("Done"), tasks=True) == {"open": ["the form"]}


def test_plain_entries_are_tasks_only_in_a_file_of_tasks() -> None:
    assert told("- milk\n", tasks=True) == {"open": ["milk"]}
    assert told("- milk\n") == {}


def test_secrets_and_escapes_do_not_come_along() -> None:
    key = "sk-ant-api03-" + "aB3" * 20
    (task,) = told(f"- [ ] rotate {key} \x1b[31mnow\n")["open"]
    assert key not in task
    assert task.isprintable()


def test_a_heading_with_many_blanks_takes_no_time() -> None:
    """One line of blanks: what a pattern that looks back would take hours for."""
    assert pieces_of("# Status of" + " " * 20_000 + "x\n\n- open\n", "TODO.md", tasks=True) is not None
