"""
How a server meets other servers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.servers.rig.authority import Authority

STANDARD_PORT = 5269


@dataclass(frozen=True)
class Ways:
    """
    What differs from one case to the next.

    :ivar authority: who has signed its certificate; None: the one that everybody trusts.
    :ivar serverOnly: its certificate is good for the end that is connected to, and no other.
    :ivar strict: it takes nobody whose certificate it does not trust.
    :ivar direct: TLS comes first (XEP-0368), and nothing else is announced.
    :ivar bidi: one stream may do for both ways (XEP-0288).
    :ivar address: it listens here, at the standard port, and DNS has no more than this address; None: somewhere, and
        DNS has an SRV record.
    :ivar neighbours: names that the C library has to know, and their addresses.
    """

    authority: Authority | None = None
    serverOnly: bool = False
    strict: bool = True
    direct: bool = False
    bidi: bool = False
    address: str | None = None
    neighbours: Mapping[str, str] = field(default_factory=dict)


def announced(domain: str, ways: Ways, port: int, address: str) -> dict[str, object]:
    """
    What DNS says of a domain.

    The targets of SRV records are addresses: ejabberd looks names up with the C library, which asks no name server of
    ours.
    """
    name = domain.encode("idna").decode("ascii")
    if ways.address is not None:
        return {name: {"A": [ways.address]}}
    service = "_xmpps-server._tcp" if ways.direct else "_xmpp-server._tcp"
    return {name: {"A": [address]}, f"{service}.{name}": {"SRV": [[0, 0, port, address]]}}
