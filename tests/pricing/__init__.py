"""Tests of the prices: what is in the book, and what it answers."""
