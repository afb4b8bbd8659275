"""Charts of reports, as Vega specifications with their data inside: the same one draws the dashboard and pictures.

In: the JSON document of a report, and how it is to look. Out: a specification as plain values. Everything is pure.
"""
