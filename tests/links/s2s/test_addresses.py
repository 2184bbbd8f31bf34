"""
Which addresses may be dialled.
"""

from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.names import dns

from pushsvc.addresses import Reachable, isLiteral
from pushsvc.links.s2s.resolve import LookupTrouble, Resolver
from tests.links.s2s.nameserver import SRV
from tests.support import resultOf

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "2a00:1450::1%eth0",
    "fec0::1",
    "ff02::1",
    "127.1",
    "010.0.0.1",
    "2130706433",
]
PUBLIC = ["8.8.8.8", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_whatIsNotPublicIsNotDialled(address: str) -> None:
    """
    Addresses in our own network are nothing that DNS may send us to, however they are spelt or wrapped.
    """
    assert address not in Reachable()


@pytest.mark.parametrize("address", PUBLIC)
def test_whatIsPublicIs(address: str) -> None:
    """
    Everything on the internet may be dialled.
    """
    assert address in Reachable()


def test_whatIsPermittedIs() -> None:
    """
    A network that the configuration names is dialled, too, and no other; "*" is all of them, without those that are
    nobody's.
    """
    some, all = Reachable(("10.0.0.0/8", "fd00::/8")), Reachable(("*",))

    assert [True, True, True, False] == [
        each in some for each in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::1", "127.0.0.1")
    ]
    assert [True, True, True, False, False] == [
        each in all for each in ("127.0.0.1", "::1", "169.254.1.1", "0.0.0.0", "ff02::1")
    ]


def test_literalsAreNoDomains() -> None:
    """
    An address is told from a name, with brackets or without.
    """
    assert [True, True, True, False] == [isLiteral(each) for each in ("127.0.0.1", "::1", "[::1]", "a.example")]


class Names:
    """
    Answers every question with the same hosts and addresses.
    """

    def __init__(self, addresses: list[str], targets: list[str] | None = None) -> None:
        self._addresses = addresses
        self._targets = targets or []

    async def ask(self, name: str, kind: int) -> dns.Message:
        answer = dns.Message()
        payloads: list[Any] = []
        if kind == dns.SRV and name.startswith(SRV):
            payloads = [dns.Record_SRV(0, 0, 6379, target.encode()) for target in self._targets]
        elif kind == dns.A:
            payloads = [dns.Record_A(each) for each in self._addresses if ":" not in each]
        elif kind == dns.AAAA:
            payloads = [dns.Record_AAAA(each) for each in self._addresses if ":" in each]
        answer.answers = [dns.RRHeader(name, kind, payload=payload) for payload in payloads]
        return answer


def candidates(domain: str, names: Names, *permitted: str) -> list[tuple[str, ...]]:
    """
    The addresses that are tried for a domain.
    """
    resolver = Resolver([("127.0.0.1", 53)], Clock(), lambda: 0.5, reachable=Reachable(permitted))
    resolver._servers = names  # type: ignore[assignment]
    return [each.addresses for each in resultOf(resolver.candidates(domain))]


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ("evil.example", Names(["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1"])),
        ("evil.example", Names(["10.0.0.1"], ["inner.evil.example"])),
        ("evil.example", Names([], ["10.1.2.3", "0.0.0.0", "255.255.255.255"])),
        ("127.0.0.1", Names([])),
        ("[::1]", Names([])),
        ("0.0.0.0", Names([])),
    ],
)
def test_nothingOfOursIsACandidate(domain: str, names: Names) -> None:
    """
    However a domain leads into our network (its own address, a host that SRV names, a literal), it is as if nobody
    answered there.
    """
    with pytest.raises(LookupTrouble):
        candidates(domain, names)


def test_whatElseThereIsStaysACandidate() -> None:
    """
    Addresses that may not be dialled take nobody's place; permitted, they are candidates.
    """
    names = Names(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "8.8.8.8", "::1", "2a00:1450::1"])

    assert [("2a00:1450::1", "8.8.8.8")] == candidates("a.example", names)
    assert [("::1", "2a00:1450::1", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")] == candidates(
        "a.example", names, "*"
    )
    assert [("127.0.0.1",)] == candidates("127.0.0.1", names, "127.0.0.0/8")
