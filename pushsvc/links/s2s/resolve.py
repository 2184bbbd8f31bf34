"""
Where a domain's server is (RFC 6120, 3.2; XEP-0368): SRV records of both kinds, and the addresses behind them.
"""

import random
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import CancelledError
from twisted.names import dns

from pushsvc.addresses import PUBLIC, Reachable, isAddress, isLiteral
from pushsvc.links.s2s.domains import LookupTrouble, NoSuchDomain, asciiOf
from pushsvc.links.s2s.gathering import Gathering
from pushsvc.links.s2s.nameservers import PATIENCE, NameServers
from pushsvc.links.s2s.srv import Service, inOrder

__all__ = ["Candidate", "LookupTrouble", "NoSuchDomain", "Resolver"]

PORT = 5269

CANDIDATES_MAX = 10
# Of each family, for one candidate.
ADDRESSES_MAX = 4
ALIASES_MAX = 8

# Seconds that the other kind of records, or the other family of addresses, is waited for when one is there: there are
# name servers that never answer what they do not know.
GRACE = 1.0


@dataclass(frozen=True)
class Candidate:
    """
    One place to try.

    :ivar direct: TLS from the first byte on.
    :ivar addresses: those of its host; IPv6 and IPv4.
    """

    host: str
    port: int
    direct: bool
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class _Services:
    """
    What SRV records of one kind say.

    :ivar exist: there are some, be it to say that there is no such service.
    """

    exist: bool
    services: tuple[Service, ...]


class Resolver:
    """
    Asks the configured name servers, and nobody else: not the C library, for addresses neither.
    """

    def __init__(
        self,
        servers: Sequence[tuple[str, int]] | None,
        reactor: Any,
        randomly: Callable[[], float] = random.random,
        patience: Sequence[float] = PATIENCE,
        reachable: Reachable = PUBLIC,
    ) -> None:
        """
        :param servers: addresses and ports of name servers; None: those of /etc/resolv.conf.
        :param reachable: the addresses that a server may have.
        :raises ValueError: a server is not an address.
        """
        self._servers = NameServers(servers, reactor, patience)
        self._clock = reactor
        self._random = randomly
        self._reachable = reachable

    async def candidates(self, domain: str) -> list[Candidate]:
        """
        What is to be tried, in this order; at least one, each with at least one address.

        :raises NoSuchDomain: there is nothing, and DNS is sure of it.
        :raises LookupTrouble: there may be something.
        """
        if isLiteral(domain):
            literal = domain.removeprefix("[").removesuffix("]")
            return [Candidate(literal, PORT, False, self._permitted([literal]))]
        try:
            host = asciiOf(domain)
        except ValueError as e:
            raise NoSuchDomain(f"not a name that DNS could know: {e}") from None
        services = await self._services(host)
        if services:
            found = await self._located(inOrder(services, self._random)[:CANDIDATES_MAX])
            if not found:
                # It says that it has a server; that this has no address is something its owner will mend.
                raise LookupTrouble(f"{host}: no host that its SRV records name has an address")
        else:
            found = await self._located([Service(0, 0, PORT, host, False)])
            if not found:
                raise NoSuchDomain(f"{host}: neither SRV records nor an address")
        return found

    async def _services(self, host: str) -> list[Service]:
        gathering = Gathering[_Services](self._clock, GRACE, lambda answer: bool(answer.services))
        direct, plain = await gathering.results(
            [self._servicesOf("_xmpps-server._tcp.", host, True), self._servicesOf("_xmpp-server._tcp.", host, False)]
        )
        known = [answer for answer in (direct, plain) if isinstance(answer, _Services)]
        services = [service for answer in known for service in answer.services]
        if services:
            return services
        # When the records for direct TLS alone are in trouble, what RFC 6120 says about those that are not stands.
        if not isinstance(plain, _Services):
            raise _asTrouble(plain)
        if any(answer.exist for answer in known):
            raise NoSuchDomain(f"{host}: its SRV records say that there is no such service")
        return []

    async def _servicesOf(self, prefix: str, host: str, direct: bool) -> _Services:
        records = await self._records(prefix + host, dns.SRV)
        services = [
            Service(record.priority, record.weight, record.port, target, direct)
            for record in records
            for target in [_hostOf(record.target.name)]
            if target and record.port
        ]
        return _Services(bool(records), tuple(services))

    async def _located(self, services: list[Service]) -> list[Candidate]:
        """
        :raises LookupTrouble: none of them has an address, and at least one of them may have.
        """
        targets = list(dict.fromkeys(service.target for service in services))
        # Every one is waited for: a candidate that is left out is never tried.
        gathering = Gathering[tuple[str, ...]](self._clock, GRACE, lambda addresses: False)
        results = await gathering.results([self._addresses(target) for target in targets])
        located = dict(zip(targets, results, strict=True))
        found = [
            Candidate(service.target, service.port, service.direct, addresses)
            for service in services
            for addresses in [located[service.target]]
            if isinstance(addresses, tuple) and addresses
        ]
        troubles = [result for result in results if isinstance(result, Exception)]
        if troubles and not found:
            raise _asTrouble(troubles[0])
        return found

    async def _addresses(self, host: str) -> tuple[str, ...]:
        if isAddress(host):
            return self._permitted([host])
        gathering = Gathering[list[str]](self._clock, GRACE, bool)
        results = await gathering.results([self._addressesOf(host, dns.AAAA), self._addressesOf(host, dns.A)])
        found = [address for result in results if not isinstance(result, Exception) for address in result]
        troubles = [result for result in results if isinstance(result, Exception)]
        if troubles and not found:
            raise _asTrouble(troubles[0])
        return self._permitted(found) if found else ()

    def _permitted(self, addresses: list[str]) -> tuple[str, ...]:
        """
        :raises LookupTrouble: none of them is.
        """
        permitted = [address for address in addresses if address in self._reachable]
        if not permitted:
            # The same as when nobody answers: who asks us is not to learn what there is in our network.
            raise LookupTrouble("its addresses are not public (private-addresses)")
        families = [[each for each in permitted if (":" in each) == isIPv6] for isIPv6 in (True, False)]
        return tuple(each for family in families for each in family[:ADDRESSES_MAX])

    async def _addressesOf(self, host: str, kind: int) -> list[str]:
        records = await self._records(host, kind)
        family = socket.AF_INET6 if kind == dns.AAAA else socket.AF_INET
        return list(dict.fromkeys(socket.inet_ntop(family, record.address) for record in records))

    async def _records(self, name: str, kind: int) -> list[Any]:
        for _ in range(ALIASES_MAX):
            answer = await self._servers.ask(name, kind)
            owner = _unaliased(name, answer)
            records = [
                record.payload
                for record in answer.answers
                if record.type == kind and record.cls == dns.IN and _textOf(record.name.name) == owner
            ]
            if records or owner == name or answer.rCode == dns.ENAME:
                return records
            # This server follows no aliases.
            name = owner
        raise LookupTrouble(f"{name}: an alias of an alias, and so on")


def _asTrouble(error: Exception) -> Exception:
    """
    What it means that a lookup ended so.
    """
    return LookupTrouble("no answer in time") if isinstance(error, CancelledError) else error


def _unaliased(name: str, answer: dns.Message) -> str:
    aliases: dict[str, str] = {}
    for record in answer.answers:
        if record.type == dns.CNAME:
            alias: Any = record.payload
            aliases[_textOf(record.name.name)] = _textOf(alias.name.name)
    owner = name.lower()
    for _ in range(ALIASES_MAX):
        if owner not in aliases:
            break
        owner = aliases[owner]
    try:
        return asciiOf(owner)
    except ValueError:
        raise LookupTrouble("an alias of what is no name") from None


def _textOf(name: bytes) -> str:
    # What is not ASCII becomes something that no name is.
    return name.decode("ascii", "replace").lower()


def _hostOf(target: bytes) -> str | None:
    """
    :returns: None when it is none; "." among them.
    """
    text = _textOf(target)
    try:
        return text if isAddress(text) else asciiOf(text)
    except ValueError:
        return None
