"""What Claude Code starts: the forwarder of hook events and the statusline. Standard library only.

    forward.py      a hook event: reduce, put on disk, tell the collector, say nothing
    statusline.py   one line of figures, from the collector, else from the store and what the client says
    line.py         draws that line; the collector draws with it too

Both run many times a minute, so they import C modules of the standard library by their own names (`_json`, `_socket`,
`_sqlite3`): what wraps them costs more than all our work. Nothing of `lineitem` is imported here.
"""
