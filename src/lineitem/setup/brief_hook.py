"""The block in `post-commit` that keeps AI_CONTEXT.md fresh."""

from __future__ import annotations

import os
import shlex
import sys

from lineitem.setup.git_hooks import Block
from lineitem.setup.install import programs_beside
from lineitem_hook.brief import FILE, LOG

#: The subject of a commit that the hook makes by itself.
SUBJECT = f"docs: {FILE}"


def block(*, commit: bool = False) -> Block:
    """What git runs after a commit; commit: the file is committed by itself, without hooks or signature."""
    program = [sys.executable, "-I", "-S", f"{programs_beside()}/brief.py"]
    if os.name == "nt":
        program = [word.replace("\\", "/") for word in program]
    asked = f"git --no-pager -c core.quotepath=off {shlex.join(LOG)}"
    told = '"$(git rev-parse --show-toplevel --git-dir)"'
    line = f"{asked} | {shlex.join(program)} {told}"
    if commit:
        without = "-c core.hooksPath=/dev/null commit -q --no-verify --no-gpg-sign"
        line += f" && git add -- {FILE} && git {without} --only -m {shlex.quote(SUBJECT)} -- {FILE}"
    return Block("post-commit", "brief", f"[ ! -f {FILE} ] || {{ {line}; }} </dev/null >/dev/null 2>&1 || :")
