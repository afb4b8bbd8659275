"""Tables, trees and bills as text for a person."""

from __future__ import annotations


def print_session(bill, options):
    from lineitem.surfaces.page import room
    from lineitem.surfaces.receipt import receipt

    receipt(bill, options, room()).show(options)
