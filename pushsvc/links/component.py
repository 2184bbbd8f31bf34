"""
A link to an XMPP server that takes us as a component of its own (XEP-0114): it serves one domain, and whoever wants to
reach that domain goes through the server.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic.dataclasses import dataclass
from zope.interface import moduleProvides

from pushsvc.config import ConfigurationError, LinkOptions, options, secret
from pushsvc.config.endpoints import connectingTo
from pushsvc.ipushsvc import ILinkKind
from pushsvc.jids import addressOf
from pushsvc.links.componentlink import ComponentLink
from pushsvc.links.limits import Limits

moduleProvides(ILinkKind)


@dataclass(frozen=True, config=options)
class Options(LinkOptions):
    """
    ``[[links]]`` with ``kind = "component"``.

    :ivar endpoint: where the server takes components, as Twisted spells client endpoints.
    :ivar domain: the component's.
    :ivar secret: shared with the server; or in ``secretFile``.
    :ivar maxStanzaSize: bytes; larger stanzas are refused without being looked at.
    :ivar maxWaiting: how many stanzas of ours may wait for the server.
    """

    endpoint: str
    domain: str
    secret: SecretStr | None = None
    secretFile: Path | None = None
    maxStanzaSize: int = Field(default=262_144, ge=10_000)
    maxWaiting: int = Field(default=10_000, ge=0)


def makeLink(options: Options, hosts: Sequence[str], reactor: Any) -> ComponentLink:
    """
    See `ILinkKind`.
    """
    at = f"links: component {options.domain!r}"
    address = addressOf(options.domain)
    if address is None or address.full != address.domain:
        raise ConfigurationError(f"{at}: this is not a domain")
    domain = address.domain
    if domain not in hosts:
        raise ConfigurationError(f'{at}: nothing is served there; [hosts."{domain}"] is missing')
    try:
        endpoint = connectingTo(reactor, options.endpoint)
    except ValueError as e:
        raise ConfigurationError(f"{at}: endpoint {options.endpoint!r}: {e}") from None
    shared = secret(at, "secret", options.secret, options.secretFile)
    assert shared is not None
    # The server is trusted, but passes on what anybody wrote: that must not end the stream.
    limits = Limits(size=options.maxStanzaSize, elements=4_000, tag=1_048_576, skips=True)
    return ComponentLink(domain, shared, endpoint, reactor, limits, options.maxWaiting)
