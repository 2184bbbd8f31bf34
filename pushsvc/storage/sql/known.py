"""
Registrations that need not be read again, because nobody can have changed them.
"""

from sqlalchemy import Connection

from pushsvc.model import Registration

# Each takes one to two kilobytes. Then what was read longest ago makes room, to be read again.
MOST = 20_000


class Known:
    """
    What one connection has read, for as long as no other connection has committed anything: SQLite tells that
    (``PRAGMA data_version``), PostgreSQL does not, and there nothing is kept.

    What the connection changes itself it has to `forget` here. It ends with the connection, and so with whatever was
    undone.
    """

    def __init__(self, connection: Connection) -> None:
        self._isTold = connection.dialect.name == "sqlite"
        self._version: int | None = None
        self._found: dict[str, Registration] = {}

    def upToDate(self, connection: Connection) -> dict[str, Registration]:
        """
        What is known now, by node; what is read now may be put there with `keep`.
        """
        if not self._isTold:
            return {}
        version = connection.exec_driver_sql("PRAGMA data_version").scalar()
        if version != self._version:
            self._version = version
            self._found.clear()
        return self._found

    def keep(self, registration: Registration) -> None:
        """
        This was read after the last look for what is `upToDate`.
        """
        if not self._isTold:
            return
        if len(self._found) >= MOST:
            del self._found[next(iter(self._found))]
        self._found[registration.node] = registration

    def forget(self, node: str) -> None:
        """
        The registration of this node is being changed.
        """
        self._found.pop(node, None)


def knownBy(connection: Connection) -> Known:
    """
    What this connection knows.
    """
    known = connection.info.get(Known)
    if not isinstance(known, Known):
        known = connection.info[Known] = Known(connection)
    return known
