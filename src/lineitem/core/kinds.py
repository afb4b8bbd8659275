"""Kinds of text, by the ending of a file's name: all that is kept of a name where only a size is known.

A kind says how finely a text is cut into tokens. Nothing else can pass: what is not in this table is no kind.
"""

from __future__ import annotations

#: Thousandths of a token a character: medians over up to 60 files of each kind on a Linux system with Python, Node.js
#: and C (of 8,000 characters each, at most 6 from one package), counted with a Claude tokenizer on 2026-11-22.
_MEASURED = {
    "bash": 328, "c": 301, "cfg": 372, "cmake": 300, "conf": 368, "cpp": 323, "css": 365, "csv": 598, "diff": 301,
    "h": 311, "hpp": 305, "html": 326, "ini": 316, "js": 277, "json": 311, "log": 363, "md": 258, "min.js": 466,
    "patch": 368, "php": 269, "pl": 353, "pm": 319, "py": 248, "rst": 266, "sh": 310, "sql": 314, "svg": 486,
    "tcl": 304, "tex": 290, "toml": 333, "txt": 312, "xml": 353, "yaml": 255, "yml": 291,
}  # fmt: skip
#: Other endings of the same kinds.
_ALIKE = {
    "cc": "cpp", "htm": "html", "jsonl": "json", "jsx": "js", "markdown": "md", "mjs": "js", "scss": "css", "ts": "js",
    "tsv": "csv", "tsx": "js", "zsh": "sh",
}  # fmt: skip
#: Of a text of which nothing is known but its length.
USUAL = 280

TOKENS = _MEASURED | {ending: _MEASURED[kind] for ending, kind in _ALIKE.items()}


def kind_of(name: str) -> str:
    """The kind of a file of this name; '' where its ending is none of the table."""
    name = name.rpartition("/")[2].lower()
    ending = "min.js" if name.endswith(".min.js") else name.rpartition(".")[2] if "." in name else ""
    return ending if ending in TOKENS else ""
