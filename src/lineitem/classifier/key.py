"""A key that the system's own keyring holds: `keyring set lineitem NAME` puts it there.

Read at the moment of sending. Always: neither `repr`, `str` nor an error shows it.
"""

from __future__ import annotations

from lineitem.core.problems import UsageError

#: The service under which keyrings file it.
_SERVICE = "lineitem"


class KeyringSecret:
    """A place in the keyring; the same as `alerts.secret.Secret` to whoever reads it."""

    __slots__ = ("_name", "how", "label")

    def __init__(self, label: str, name: object) -> None:
        """`label` names the setting; `name` is the user name under which the key was filed."""
        if not isinstance(name, str) or not name:
            raise UsageError(f'{label} must name what the keyring holds: {{ keyring = "name" }}.')
        self.label, self.how, self._name = label, "keyring", name

    def __repr__(self) -> str:
        return f"KeyringSecret({self.label})"

    def read(self) -> str:
        """The key itself. Raises UsageError."""
        try:
            import keyring
        except ImportError:
            raise UsageError(
                f"{self.label}: the library keyring is not installed: pip install 'lineitem[classifier]'."
            ) from None
        try:
            found = keyring.get_password(_SERVICE, self._name)
        except Exception as error:  # noqa: BLE001 - whatever a system's keyring raises; its text may tell anything
            raise UsageError(f"{self.label}: the keyring cannot be read ({type(error).__name__}).") from None
        if not found or not found.strip():
            raise UsageError(f"{self.label}: the keyring holds nothing: keyring set {_SERVICE} {self._name}")
        return found.strip()
