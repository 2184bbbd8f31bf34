"""
What a connection with TLS costs besides TLS.
"""

import gc
from typing import Any

import pytest
from twisted.internet.interfaces import IConsumer, ITransport
from twisted.internet.testing import StringTransport
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from zope.interface import providedBy
from zope.interface.declarations import InstanceDeclarations

from pushsvc.links.s2s import declarations
from tests.links.s2s.world import World


class _Protocol(TLSMemoryBIOProtocol):
    """
    Of no other connection.
    """


def _declared(protocol: type, transport: Any) -> list[bool]:
    gc.collect()
    return [(protocol, interface) in InstanceDeclarations for interface in providedBy(transport)]


def test_whatIsDeclaredOfConnectionsIsKept() -> None:
    """
    Of a kind of connection that there was once, nothing has to be declared again when the next one comes.
    """
    transport = StringTransport()

    declarations.keep(transport)

    assert {True} == set(_declared(TLSMemoryBIOFactory.protocol, transport))
    assert {ITransport, IConsumer} <= set(providedBy(transport))


@pytest.mark.xfail(strict=True, reason="Twisted declares interfaces one by one, and each but the last for nothing")
def test_twistedKeepsThemItself(world: World) -> None:
    """
    COMPAT: `pushsvc.links.s2s.declarations` is needed until this passes.
    """
    transport = StringTransport()
    factory = TLSMemoryBIOFactory(
        world.party("a.example").certificates.forAccepting(None, True), False, None
    )
    protocol = _Protocol(factory, None, False)

    protocol.makeConnection(transport)

    assert all(_declared(_Protocol, transport))
