"""
Several servers, each with streams of its own to pushsvc.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.line import Line
from bench.s2s.home import Home, keyOf
from bench.s2s.talk import AUTH, BIDI, STARTTLS, Talk
from bench.stanzas import DOMAIN, SERVER
from tests.servers.rig.authority import Certificate
from tests.servers.rig.ports import LOOPBACK, freePort, isOpen
from tests.servers.rig.rig import Rig
from tests.servers.rig.waiting import waitFor

_LINK = """
[[links]]
kind = "s2s"
listen = ["tcp:{port}:interface=127.0.0.1"]
certificate = "{certificate}"
private-key = "{key}"
trust = "{trust}"
dns = ["127.0.0.1:{names}"]
private-addresses = ["127.0.0.0/8"]
"""

# Comes and goes, and wants no answers.
_VISITOR = f"visitor.{SERVER}"

_PING = "<iq type='get' id='hello' from='{domain}' to='{host}'><ping xmlns='urn:xmpp:ping'/></iq>"


class S2SFront:
    """
    Where they are says a name server of their own, and who they are an authority of their own.
    """

    kind = "s2s"

    def __init__(self, folder: Path, domains: int = 4, external: bool = True, bidi: bool = False) -> None:
        """
        :param external: whether certificates prove who one is (SASL EXTERNAL); else it is dialback.
        :param bidi: whether answers come on the streams that the servers have opened (XEP-0288).
        """
        self._domains = [f"server{number}.{SERVER}" for number in range(domains)]
        self._external = external
        self._bidi = bidi
        self._running = ExitStack()
        self._rig = self._running.enter_context(Rig(folder))
        authority = self._rig.authority
        ours, theirs = authority.issue(DOMAIN), authority.issue(*self._domains, _VISITOR)
        self._dialling = _context(ssl.PROTOCOL_TLS_CLIENT, theirs)
        self._home = Home(_context(ssl.PROTOCOL_TLS_SERVER, theirs), external)
        self._running.callback(self._home.close)
        here = {"SRV": [[0, 0, self._home.port, LOOPBACK]]}
        self._rig.publishNames({f"_xmpp-server._tcp.{domain}": here for domain in self._domains})
        self._port = freePort()
        self.links = _LINK.format(
            port=self._port, certificate=ours.certificate, key=ours.key, trust=authority.root, names=self._rig.names
        )

    def connect(self, isAlive: Callable[[], bool]) -> list[Line]:
        waitFor(lambda: isOpen(self._port), "pushsvc listens", 60, isAlive)
        return [self._line(domain) for domain in self._domains]

    def knock(self, count: int) -> bool:
        if not self._external:
            # So many dialback keys from one address are not verified at once.
            return False
        for _ in range(count):
            self._dial(_VISITOR).close()
        return True

    def close(self) -> None:
        self._running.close()

    def _line(self, domain: str) -> Line:
        out = self._dial(domain)
        # Nothing is opened to say nothing: something has to be answered.
        out.sendall(_PING.format(domain=domain, host=DOMAIN).encode())
        back = out if self._bidi else self._home.cameTo(domain)
        answer = b""
        while not answer.endswith(b">"):
            answer += back.recv(4096)
        if b"hello" not in answer:
            raise RuntimeError(f"no answer to a ping, but {answer!r}")
        return Line(out, back, domain)

    def _dial(self, domain: str) -> socket.socket:
        talk = Talk(socket.create_connection((LOOPBACK, self._port)))
        talk.opens(domain, DOMAIN)
        talk.say(STARTTLS)
        talk.hears("<proceed")
        talk.encrypts(self._dialling, server_hostname=DOMAIN)
        id = talk.opens(domain, DOMAIN)
        if self._bidi:
            talk.say(BIDI)
        if self._external:
            talk.say(AUTH)
            talk.hears("<success[^>]*>")
            talk.opens(domain, DOMAIN)
        else:
            talk.say(f"<db:result from='{domain}' to='{DOMAIN}'>{keyOf(domain, DOMAIN, id)}</db:result>")
            talk.hears("<db:result[^>]* type=['\"]valid['\"][^>]*>")
        return talk.connection


def _context(protocol: int, certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    # Whom one speaks with is not in question here.
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context
