"""Tests of lineitem against the conformance cases, and of the cases themselves."""
