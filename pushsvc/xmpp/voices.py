"""
In whose name we publish for accounts (``publish-from``).

``privileged``
    as the account itself, where its server lets us (XEP-0356); else as our component.
``component``
    as a host of ours.
``server``
    as the account's domain: where a link of ours serves it.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from twisted.internet.interfaces import IReactorTime

from pushsvc.jids import domainOf
from pushsvc.wire.privilege import Privileges

# Seconds that servers have, once our link is up, to say what they grant: until then nobody knows in whose name we
# speak, and what is published in the wrong one may be refused for good.
GRACE = 5.0


class Voice(NamedTuple):
    """
    How to speak.

    :ivar sender: who sends the stanza.
    :ivar privilege: the namespace in which to ask the account's server to say it; None: we say it ourselves.
    """

    sender: str
    privilege: str | None = None


class Voices:
    """
    Knows what servers have granted.

    :ivar host: to whom they grant it: our component's domain.
    """

    def __init__(
        self,
        publishFrom: str,
        host: str,
        served: Collection[str] = (),
        isUp: Callable[[], bool] = lambda: True,
        clock: IReactorTime | None = None,
    ) -> None:
        """
        :param publishFrom: as the configuration has it.
        :param host: of what servers grant to our hosts, what they grant to this one counts.
        :param served: domains of accounts that links of ours serve.
        :param isUp: whether our component's link is.
        :param clock: None: what servers have not granted by now they do not grant.
        """
        self._isUp = isUp
        self._clock = clock
        self._upSince: float | None = None
        self._publishFrom = publishFrom
        self.host = host
        self._served = frozenset(served)
        self._granted: dict[str, Privileges] = {}

    def granted(self, server: str, privileges: Privileges) -> None:
        """
        A server says what we may do. What it said before no longer counts.

        :param server: its domain.
        """
        self._granted[server] = privileges

    def lost(self, servers: Collection[str]) -> None:
        """
        A link is lost by which servers said what we may do: by the next one they say it again, or grant nothing.

        :param servers: their domains.
        """
        for server in servers:
            # Until it has had the time to say it.
            self._upSince = None
            self._granted.pop(server, None)

    def of(self, account: str) -> Voice | None:
        """
        How to publish for an account; None: not now.
        """
        domain = domainOf(account)
        if self._publishFrom == "server":
            return Voice(domain) if domain in self._served else None
        granted = self._granted.get(domain)
        if self._publishFrom != "privileged":
            return Voice(self.host)
        if granted is None:
            return Voice(self.host) if self._hasHeardAll() else None
        return Voice(self.host, granted.namespace if granted.publishing else None)

    def _hasHeardAll(self) -> bool:
        if self._clock is None:
            return True
        now = self._clock.seconds()
        if not self._isUp():
            self._upSince = None
        elif self._upSince is None:
            self._upSince = now
        return self._upSince is not None and now - self._upSince >= GRACE
