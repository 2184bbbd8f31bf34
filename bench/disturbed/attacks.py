"""
What hostile peers do, each on a connection of its own, and what they are to be told.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from bench.disturbed.peer import Certificate, Peer
from bench.disturbed.stanzas import BOMB, REQUEST, RESULT, STARTTLS, header


class Arms(NamedTuple):
    """
    What they have.

    :ivar trusted: a certificate of their own domain that is trusted.
    :ivar untrusted: one that nobody vouches for.
    :ivar victim: the domain of the good peer.
    """

    trusted: Certificate
    untrusted: Certificate
    victim: str


class Attack(NamedTuple):
    """
    :ivar run: does it; returns what came of it.
    :ivar expected: what has to come of it.
    """

    run: Callable[[Peer, Arms], Awaitable[str]]
    expected: str


def _says(text: str, behindHeader: bool = True) -> Callable[[Peer, Arms], Awaitable[str]]:
    async def run(peer: Peer, arms: Arms) -> str:
        peer.say((header(peer.domain, peer.to) if behindHeader else "") + text)
        return await peer.isRefused()

    return run


async def _withoutTLS(peer: Peer, arms: Arms) -> str:
    # The stream goes on after that (XEP-0220): TLS may come.
    peer.say(header(peer.domain, peer.to) + RESULT.format(sender="e.localtest", to="p", key="k"))
    return (await peer.hears("<db:result [^>]*type=.error.*?<(?!error)([a-z-]+)"))[1]


def _proven(text: str) -> Callable[[Peer, Arms], Awaitable[str]]:
    async def run(peer: Peer, arms: Arms) -> str:
        await peer.prove(arms.trusted)
        said = text.format(evil=peer.domain, to=peer.to, victim=arms.victim)
        peer.say(said)
        return await peer.isRefused()

    return run


async def _slowHeader(peer: Peer, arms: Arms) -> str:
    for character in header(peer.domain, peer.to)[:40]:
        peer.say(character)
        await asyncio.sleep(0.1)
    return "nothing"


async def _behindStartTLS(peer: Peer, arms: Arms) -> str:
    await peer.open()
    peer.say(STARTTLS + REQUEST.format(id="x", sender=arms.victim, to=peer.to))
    await peer.hears("<proceed")
    await peer.startTLS(arms.untrusted)
    await peer.open()
    peer.say(REQUEST.format(id="y", sender=peer.domain, to=peer.to))
    return await peer.isRefused()


async def _imposter(peer: Peer, arms: Arms) -> str:
    await peer.secure(arms.untrusted)
    peer.say(RESULT.format(sender=arms.victim, to=peer.to, key="0" * 64))
    return (await peer.hears("<db:result[^>]*type=['\"](invalid|error)"))[1]


async def _noSuchDomain(peer: Peer, arms: Arms) -> str:
    await peer.secure(arms.untrusted)
    peer.say(RESULT.format(sender="nowhere.localtest", to=peer.to, key="0" * 64))
    return (await peer.hears("<db:result[^>]*type=['\"]error.*?<([a-z-]+) xmlns=['\"]urn:ietf"))[1]


async def _notReading(peer: Peer, arms: Arms) -> str:
    await peer.prove(arms.trusted)
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    request = REQUEST.format(id="n", sender=peer.domain, to=peer.to) * 5
    for _ in range(50):
        peer.say(request)
        await asyncio.sleep(0.1)
    return "nothing"


CHEAP = {
    "stanza before authentication": Attack(_says(REQUEST.format(id="1", sender="a@evil", to="b")), "not-authorized"),
    "dialback without TLS": Attack(_withoutTLS, "policy-violation"),
    "entity bomb": Attack(_says(BOMB, behindHeader=False), "restricted-xml"),
    "oversize before authentication": Attack(_says("<a>" + "x" * 20_000), "policy-violation"),
    "depth before authentication": Attack(_says("<a>" * 200), "policy-violation"),
    "no XML": Attack(_says("GET / HTTP/1.0\r\n\r\n", behindHeader=False), "not-well-formed"),
    "slow header": Attack(_slowHeader, "nothing"),
}

DEAR = {
    "text behind starttls": Attack(_behindStartTLS, "not-authorized"),
    "another's domain by dialback": Attack(_imposter, "error"),
    "a domain that is none, by dialback": Attack(_noSuchDomain, "remote-server-not-found"),
    "spoofed sender": Attack(_proven(REQUEST.format(id="1", sender="a@{victim}", to="{to}")), "invalid-from"),
    "relaying": Attack(_proven(REQUEST.format(id="1", sender="a@{evil}", to="b@{victim}")), "host-unknown"),
    "depth after authentication": Attack(
        _proven("<message from='a@{evil}' to='{to}'>" + "<a>" * 500), "policy-violation"
    ),
    "oversize after authentication": Attack(
        _proven("<message from='a@{evil}' to='{to}'><body>" + "x" * 400_000), "policy-violation"
    ),
    "not reading": Attack(_notReading, "nothing"),
}
"""
Those that cost us a TLS handshake.
"""

ALL = CHEAP | DEAR
