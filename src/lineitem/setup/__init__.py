"""Putting lineitem in place: what stands in Claude Code's settings.json, the live folder, starting at login.

`install` is the way in: it looks, installs, repairs, takes away. `plan` says what would change, as a value;
`settings_file` is the only module that writes a settings.json, and `spans` and `edit` are why it changes nothing else.
"""
