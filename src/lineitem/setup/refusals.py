"""Why something was not put in place, as exceptions: each names the way out, and nothing was changed.

UsageError
+-- SettingsRefused      this settings.json is left as it is      exit 2
+-- FolderRefused        this live folder is not safe to use      exit 2
+-- HookRefused          this git hook is left as it is           exit 2
LineitemError
+-- SettingsBusy         another program kept changing the file   exit 1
+-- AutostartFailed      the platform's own program said no       exit 1
"""

from __future__ import annotations

from lineitem.core.problems import LineitemError, UsageError


class SettingsRefused(UsageError):
    """A settings.json that cannot be changed without losing something; it was not touched."""


class FolderRefused(UsageError):
    """A live folder, or a token in it, that is not this user's alone."""


class HookRefused(UsageError):
    """A git hook that is not ours alone to change; it was not touched. The text says what to paste where."""


class SettingsBusy(LineitemError):
    """The settings.json changed each time between reading and writing."""


class AutostartFailed(LineitemError):
    """launchctl, systemctl or schtasks refused; what was written is taken back."""
