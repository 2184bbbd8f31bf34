"""
What Prosody and ejabberd have in common for a test.
"""

import os
import re
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.servers.rig.authority import Authority, Certificate
from tests.servers.rig.handover import Handover
from tests.servers.rig.log import Log
from tests.servers.rig.ports import LOOPBACK, freePort
from tests.servers.rig.process import Process
from tests.servers.rig.waiting import waitFor
from tests.servers.rig.ways import STANDARD_PORT, Ways, announced


@dataclass(frozen=True)
class Place:
    """
    Where a server lives, and what it knows of the world.

    :ivar folder: all its files are here.
    :ivar names: the port of the name server.
    """

    folder: Path
    authority: Authority
    names: int


@dataclass(frozen=True)
class Account:
    """
    Somebody on a server.
    """

    jid: str
    password: str
    server: "Server"


class Server(ABC):
    """
    An XMPP server for one domain, with components. Expressions say what is to be found in its log.

    :ivar program: its name.
    :ivar attached: a component is connected.
    :ivar detached: it is so no more.
    :ivar delegated: its accounts' push services are in the hands of the component from now on; None: they are so as
        soon as it is connected.
    :ivar accepted: a component has answered a publish.
    :ivar refused: a component has refused a publish; to be formatted with ``type`` and ``condition``.
    :ivar proofs: another server has shown to it who it is (``in``), or it to the other (``out``), by this means; to be
        formatted with ``domain``.
    :ivar components: each component's domain to its secret.
    :ivar acknowledgement: for how many seconds it waits for one, until it takes a phone for lost.
    :ivar hibernation: for how many seconds it keeps the session of such a phone.
    """

    program: str
    attached: str
    detached: str
    delegated: str | None = None
    accepted: str
    refused: str
    proofs: Mapping[tuple[Literal["in", "out"], str], str]

    def __init__(
        self,
        place: Place,
        domain: str,
        components: Mapping[str, str],
        ways: Ways | None = None,
        handover: Handover | None = None,
    ) -> None:
        """
        :param handover: what it leaves to its component; None: it publishes itself.
        """
        self.domain = domain
        self.components = dict(components)
        self.folder = place.folder
        self.authority = place.authority
        self.names = place.names
        self.ways = ways or Ways()
        self.handover = handover
        # Tests wait for the end of both where the component is told of it. Elsewhere, and where nothing but the machine
        # is slow, it must not come: what a session leaves behind would be pushed in the midst of another test.
        self.acknowledgement, self.hibernation = (60, 3600) if handover is None else (12, 30)
        self.ports = {use: freePort() for use in ("c2s", "s2s", "direct", "component", "http")}
        if self.ways.address is not None:
            self.ports["s2s"] = STANDARD_PORT
        self.log = Log(self.folder / f"{self.program}.log")
        self.output = Log(self.folder / "output.log")
        self._process: Process | None = None
        self._accounts = 0

    def start(self) -> None:
        """
        Start it; it serves when this returns.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.configure()
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LANG": "C.UTF-8"}
        self._process = process = Process(
            self.command(), self.folder, self.output.path, {**environment, **self.environment()}
        )
        waitFor(self.serves, f"{self.domain} serves", alive=process.isAlive)

    def stop(self) -> None:
        """
        Stop it as an operator would.
        """
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        """
        Let it die at once; the kernel closes its connections.
        """
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        """
        Stop and start.
        """
        self.stop()
        self.start()

    def freeze(self) -> None:
        """
        It stops doing anything while its connections stay.
        """
        assert self._process is not None
        self._process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """
        It goes on where it was frozen.
        """
        assert self._process is not None
        self._process.send(signal.SIGCONT)

    def account(self, name: str) -> Account:
        """
        A new account, of a name that nobody has had before.
        """
        self._accounts += 1
        account = Account(f"{name}{self._accounts}@{self.domain}", "pencil", self)
        self.register(f"{name}{self._accounts}", account.password)
        return account

    def zone(self) -> dict[str, object]:
        """
        How the world finds it.
        """
        port = self.ports["direct" if self.ways.direct else "s2s"]
        names: dict[str, object] = {}
        for domain in (self.domain, *self.components):
            names |= announced(domain, self.ways, port, LOOPBACK)
        return names

    def means(self, direction: Literal["in", "out"], domain: str, position: int = 0) -> set[str]:
        """
        By what another server has shown to it who it is (``in``), or it to the other (``out``).

        :param position: in its log: since when.
        """
        text = self.log.since(position)
        return {
            means
            for (which, means), proof in self.proofs.items()
            if which == direction and re.search(proof.format(domain=re.escape(domain)), text)
        }

    @property
    def root(self) -> Path:
        """
        What its users have to trust.
        """
        return self._signer.root

    def certify(self, domain: str) -> Certificate:
        """
        Its certificate for a domain.
        """
        return self._signer.issue(domain, serverOnly=self.ways.serverOnly)

    @property
    def _signer(self) -> Authority:
        return self.ways.authority or self.authority

    def environment(self) -> dict[str, str]:
        """
        Variables it needs beside the usual ones.
        """
        return {}

    @staticmethod
    @abstractmethod
    def isInstalled() -> bool:
        """
        Whether this machine has it.
        """

    @abstractmethod
    def configure(self) -> None:
        """
        Write its configuration.
        """

    @abstractmethod
    def command(self) -> list[str]:
        """
        How it is started.
        """

    @abstractmethod
    def serves(self) -> bool:
        """
        Whether it is ready for clients, servers and components.
        """

    @abstractmethod
    def register(self, name: str, password: str) -> None:
        """
        Make an account.
        """
