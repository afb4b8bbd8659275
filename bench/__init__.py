"""Measuring: a corpus maker, a side-by-side comparison with ccusage, and start-up times.

In:   programs to measure.
Out:  figures to look at.
Holds always: nothing here is part of the product, or reads the transcripts of the person who runs it.
"""

from __future__ import annotations
