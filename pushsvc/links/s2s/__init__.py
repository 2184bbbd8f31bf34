"""
A link to all other servers: we are one ourselves (RFC 6120), and need none in front of us.

TLS always, by STARTTLS or from the first byte on (XEP-0368); peers are known by their certificates (SASL EXTERNAL,
XEP-0178) or, unless the configuration says otherwise, by dialback (XEP-0220).
"""

from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic.dataclasses import dataclass
from zope.interface import moduleProvides

from pushsvc.addresses import Reachable
from pushsvc.config import ConfigurationError, LinkOptions
from pushsvc.config import options as config
from pushsvc.config.endpoints import listeningAt
from pushsvc.ipushsvc import ILinkKind
from pushsvc.jids import addressOf
from pushsvc.links.limits import Limits
from pushsvc.links.s2s.link import S2SLink
from pushsvc.links.s2s.ourselves import Settings
from pushsvc.links.s2s.resolve import Resolver
from pushsvc.links.s2s.tls import Certificates, Files

moduleProvides(ILinkKind)

AT = "links: s2s"


@dataclass(frozen=True, config=config)
class HostCertificate:
    """
    ``[links.certificates."push.example.org"]``

    :ivar certificate: PEM, followed by those that lead to its root.
    :ivar privateKey: PEM.
    """

    certificate: Path
    privateKey: Path


@dataclass(frozen=True, config=config)
class Options(LinkOptions):
    """
    ``[[links]]`` with ``kind = "s2s"``. Times are seconds.

    :ivar hosts: the domains it serves; None: every one that is not served otherwise.
    :ivar listen: where other servers connect to, as Twisted spells server endpoints; ``tcp6:5269`` is IPv4 as well
        where the system has it so.
    :ivar listenDirectTLS: where TLS comes first (XEP-0368).
    :ivar certificate: of hosts that have none of their own: PEM, followed by those that lead to its root.
    :ivar privateKey: its key, PEM.
    :ivar certificates: hosts that have their own.
    :ivar trust: file with roots besides the platform's, PEM.
    :ivar dns: name servers, as address or address:port; None: the system's.
    :ivar privateAddresses: networks in which other servers may be although they are not public, such as ``10.0.0.0/8``;
        ``*``: wherever DNS says. Whoever has a domain can have DNS say that its server is in our own network.
    :ivar requireTrustedCertificates: dialback will not do.
    :ivar dialbackSecretFile: shared by all processes that serve the same hosts; made if it is not there. None: a secret
        that lasts as long as the process.
    :ivar bidi: one stream may carry stanzas in both directions (XEP-0288).
    :ivar maxStanzaSize: bytes; a peer that sends larger ones loses its stream.
    :ivar maxWaiting: how many stanzas may wait for a stream to one domain.
    :ivar maxWaitingSize: characters of them.
    :ivar maxStreams: how many streams others may have opened.
    :ivar maxStreamsPerAddress: of them, from one IPv4 address or IPv6 network.
    :ivar maxOutgoing: how many streams it opens itself; the one that was not used for longest is closed for one more.
    :ivar maxHalfOpen: of those that others have opened, not authenticated yet; one is closed for one more.
    :ivar maxHalfOpenPerAddress: of these, from one address or network.
    :ivar maxVerifications: dialback keys that are being verified.
    :ivar connectTimeout: for one server to answer at all.
    :ivar negotiationTimeout: until a stream may carry stanzas.
    :ivar idleTimeout: until a stream of ours that nobody uses is closed.
    """

    hosts: tuple[str, ...] | None = None
    listen: tuple[str, ...] = ("tcp:5269",)
    listenDirectTLS: tuple[str, ...] = ()
    certificate: Path | None = None
    privateKey: Path | None = None
    certificates: dict[str, HostCertificate] = Field(default_factory=dict)
    trust: Path | None = None
    dns: tuple[str, ...] | None = None
    privateAddresses: tuple[str, ...] = ()
    requireTrustedCertificates: bool = False
    dialbackSecretFile: Path | None = None
    bidi: bool = True
    maxStanzaSize: int = Field(default=262_144, ge=10_000)
    maxWaiting: int = Field(default=1_000, ge=1)
    maxWaitingSize: int = Field(default=4_194_304, ge=10_000)
    maxStreams: int = Field(default=2_000, ge=1)
    maxStreamsPerAddress: int = Field(default=500, ge=1)
    maxOutgoing: int = Field(default=2_000, ge=1)
    maxHalfOpen: int = Field(default=400, ge=1)
    maxHalfOpenPerAddress: int = Field(default=100, ge=1)
    maxVerifications: int = Field(default=100, ge=1)
    connectTimeout: float = Field(default=10, gt=0)
    negotiationTimeout: float = Field(default=30, gt=0)
    idleTimeout: float = Field(default=600, gt=0)


def makeLink(options: Options, hosts: Sequence[str], reactor: Any) -> S2SLink:
    """
    See `ILinkKind`.
    """
    served = _served(options, hosts)
    listening = [(_endpoint(reactor, "listen", text), False) for text in options.listen]
    listening += [(_endpoint(reactor, "listen-direct-tls", text), True) for text in options.listenDirectTLS]
    try:
        certificates = _certificates(options, served)
        servers = None if options.dns is None else [_nameServer(text) for text in options.dns]
        resolver = Resolver(servers, reactor, reachable=_reachable(options))
    except ValueError as e:
        raise ConfigurationError(f"{AT}: {e}") from None
    return S2SLink(
        served, certificates, resolver.candidates, listening, reactor, _settings(options), options.dialbackSecretFile
    )


def _served(options: Options, hosts: Sequence[str]) -> list[str]:
    served = list(hosts if options.hosts is None else options.hosts)
    if not served:
        raise ConfigurationError(f"{AT}: there is no host for it to serve")
    for host in served:
        address = addressOf(host)
        if address is None or address.domain != host:
            raise ConfigurationError(f"{AT}: {host!r} is not a domain, or not in small letters")
        if host not in hosts:
            raise ConfigurationError(f'{AT}.hosts: nothing is served there; [hosts."{host}"] is missing')
    return served


def _endpoint(reactor: Any, key: str, text: str) -> Any:
    try:
        return listeningAt(reactor, text)
    except ValueError as e:
        raise ConfigurationError(f"{AT}.{key}: {text!r}: {e}") from None


def _certificates(options: Options, served: Sequence[str]) -> Certificates:
    if (options.certificate is None) != (options.privateKey is None):
        raise ValueError("certificate and private-key: both of them")
    default = None
    if options.certificate is not None and options.privateKey is not None:
        default = Files(options.certificate, options.privateKey)
    own = {host: Files(each.certificate, each.privateKey) for host, each in options.certificates.items()}
    for host in own:
        if host not in served:
            raise ValueError(f"certificates.{host}: this link does not serve it")
    if default is None:
        for host in served:
            if host not in own:
                raise ValueError(f'certificate is missing, or [links.certificates."{host}"]')
    return Certificates(own, default, options.trust)


def _reachable(options: Options) -> Reachable:
    try:
        return Reachable(options.privateAddresses)
    except ValueError as e:
        raise ValueError(f"private-addresses: {e}") from None


def _nameServer(text: str) -> tuple[str, int]:
    try:
        return str(ip_address(text.strip("[]"))), 53
    except ValueError:
        host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"dns: {text!r} is neither an address nor address:port")
    try:
        return str(ip_address(host.strip("[]"))), int(port)
    except ValueError:
        raise ValueError(f"dns: {text!r} is neither an address nor address:port") from None


def _settings(options: Options) -> Settings:
    return Settings(
        limits=Limits(size=options.maxStanzaSize, elements=4_000),
        requireTrusted=options.requireTrustedCertificates,
        bidi=options.bidi,
        connecting=options.connectTimeout,
        negotiating=options.negotiationTimeout,
        idle=options.idleTimeout,
        maxWaiting=options.maxWaiting,
        maxWaitingSize=options.maxWaitingSize,
        maxStreams=options.maxStreams,
        maxStreamsPerAddress=options.maxStreamsPerAddress,
        maxOutgoing=options.maxOutgoing,
        maxHalfOpen=options.maxHalfOpen,
        maxHalfOpenPerAddress=options.maxHalfOpenPerAddress,
        maxVerifications=options.maxVerifications,
    )
