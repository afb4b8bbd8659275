"""The terminal dashboard: the same reports as everywhere, drawn live and to be walked through.

In: a ledger to open and what is asked of it. Out: screens. Always: reports are asked in threads with connections of
their own, widgets take what they found as values that nobody changes; no foreign text is read as markup.
"""
