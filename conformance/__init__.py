"""What a tool that counts Claude Code tokens must get right, as tiny transcripts with exact answers.

In:   a tool that reads a Claude Code config folder, behind a small adapter (`adapters/`).
Out:  a table, case by case: are the tokens right, is the money right, are the days right.
Holds always: cases are written by code, deterministic and standard library only; an expected figure is a sum
of requests at list price in whole nanodollars, written down beside the transcript that it belongs to.
"""

from __future__ import annotations
