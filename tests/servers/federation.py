"""
Servers and services for tests of streams between servers: each test says in which ways they meet.
"""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.federated import Federated
from tests.servers.phone import Phones
from tests.servers.program import Program
from tests.servers.rig.authority import Authority
from tests.servers.rig.rig import Rig
from tests.servers.rig.server import Server
from tests.servers.rig.waiting import waitFor
from tests.servers.rig.ways import Ways
from tests.servers.sleepers import Sleepers
from tests.support import untested

_numbers = itertools.count(1)


class Federation:
    """
    What a test meets servers with.

    :ivar nobody: an authority that nobody trusts.
    """

    def __init__(self, rig: Rig, folder: Path, fcm: Fcm, apple: Apple, phones: Phones) -> None:
        self.rig = rig
        self.fcm = fcm
        self.apple = apple
        self.phones = phones
        self.nobody = Authority(folder / "nobody")
        self._folder = folder
        self._running = ExitStack()
        self._sleepers: list[Sleepers] = []

    def close(self) -> None:
        """
        Services stop as they should; nobody was woken for nothing.
        """
        self._running.close()
        for sleepers in self._sleepers:
            sleepers.assertExact()

    def service(self, ways: Ways | None = None, domain: str | None = None, patience: float = 60) -> Federated:
        """
        A pushsvc that runs; of a domain that nobody has heard of before, so that nobody holds anything against it.

        :param patience: after so many seconds it gives a server up that is silent.
        """
        domain = domain or f"push{next(_numbers)}.localtest"
        folder = self._folder / domain
        folder.mkdir()
        service = Federated(folder, self.rig, domain, ways or Ways(), self.fcm, self.apple, patience)
        self.rig.logs.append(service.log)
        self._running.enter_context(_running(service))
        return service

    def server(self, kind: type[Server], ways: Ways, domain: str | None = None) -> Server:
        """
        A server that runs as long as the test.
        """
        domain = domain or f"{kind.program}{next(_numbers)}.localtest"
        server = self.rig.server(kind, domain, ways=ways)
        self._running.callback(server.stop)
        return server

    def sleepers(self, server: Server, service: Program) -> Sleepers:
        """
        Two accounts of a server whose phones are registered and offline.
        """
        sleepers = Sleepers(self.phones, server, service, self.fcm, self.apple)
        self._sleepers.append(sleepers)
        return sleepers


def needed(kind: type[Server]) -> None:
    """
    Skip what needs a server that this machine does not have.
    """
    if not kind.isInstalled():
        untested(f"{kind.program} is not installed: nothing is known about pushsvc behind it")


def assertMeans(server: Server, domain: str, ours: set[str], theirs: set[str], position: int = 0) -> None:
    """
    By these means, and no others, we have shown to a server who we are, and it to us.

    :param position: in its log: since when.
    """

    def shown() -> tuple[set[str], set[str]]:
        return server.means("in", domain, position), server.means("out", domain, position)

    # Some servers write what happened seconds later.
    waitFor(lambda: ours <= shown()[0] and theirs <= shown()[1], f"that {domain} and {server.domain} show who they are")
    assert (ours, theirs) == shown()


@contextmanager
def _running(service: Program) -> Iterator[None]:
    try:
        service.start()
        yield
        assert service.stop()
    finally:
        service.kill()
    assert service.complaints() == []
