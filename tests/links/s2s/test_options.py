"""
What the configuration says of the link, and what cannot work.
"""

from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor

from pushsvc import kinds
from pushsvc.config import ConfigurationError, build
from pushsvc.links import s2s
from tests.standins.certificates import CA

US = "push.example"
OTHER = "other.example"


@pytest.fixture
def table(tmp_path: Path) -> dict[str, Any]:
    """
    What will work.
    """
    issued = CA(tmp_path).issue(US)
    return {"kind": "s2s", "certificate": str(issued.certificate), "private-key": str(issued.key)}


def make(table: dict[str, Any], hosts: tuple[str, ...] = (US, OTHER)) -> Any:
    """
    The link that a table describes.
    """
    return s2s.makeLink(build(s2s.Options, table, "links[0]"), hosts, reactor)


def test_itIsAKindOfLink() -> None:
    """
    ``kind = "s2s"`` is this one.
    """
    assert s2s is kinds.load("links", "s2s")
    assert "s2s" in kinds.names("links")


def test_itServesEveryHostUnlessToldWhich(table: dict[str, Any]) -> None:
    """
    It serves all hosts that are left to it, or those it names.
    """
    assert {US, OTHER} == make(table).hosts
    assert {US} == make({**table, "hosts": [US]}).hosts


def test_everyKeyIsUnderstood(table: dict[str, Any], tmp_path: Path) -> None:
    """
    These are the keys, in the spelling of the file.
    """
    own = {"certificate": table["certificate"], "private-key": table["private-key"]}
    link = make(
        {
            **table,
            "hosts": [US],
            "listen": ["tcp:5269", "tcp6:5269"],
            "listen-direct-tls": ["tcp:5270"],
            "certificates": {US: own},
            "trust": table["certificate"],
            "dns": ["127.0.0.1:5353", "192.0.2.1", "::1", "[::1]:53"],
            "private-addresses": ["10.0.0.0/8", "fd00::/8"],
            "require-trusted-certificates": True,
            "dialback-secret-file": str(tmp_path / "secret"),
            "bidi": False,
            "max-stanza-size": 100_000,
            "max-waiting": 10,
            "max-waiting-size": 100_000,
            "max-streams": 20,
            "max-streams-per-address": 10,
            "max-outgoing": 7,
            "max-half-open": 8,
            "max-half-open-per-address": 4,
            "max-verifications": 3,
            "connect-timeout": 5,
            "negotiation-timeout": 15,
            "idle-timeout": 300,
        }
    )

    settings = link._settings
    assert [False, False, True] == [direct for _, direct in link._listening]
    assert (True, False, 100_000) == (settings.requireTrusted, settings.bidi, settings.limits.size)
    assert (10, 100_000, 20, 10, 7, 8, 4, 3) == (
        settings.maxWaiting,
        settings.maxWaitingSize,
        settings.maxStreams,
        settings.maxStreamsPerAddress,
        settings.maxOutgoing,
        settings.maxHalfOpen,
        settings.maxHalfOpenPerAddress,
        settings.maxVerifications,
    )
    assert (5, 15, 300) == (settings.connecting, settings.negotiating, settings.idle)
    assert not (tmp_path / "secret").exists()


def test_nameServersAreAddresses() -> None:
    """
    A name server is an address, with or without a port.
    """
    texts = ["127.0.0.1:5353", "192.0.2.1", "::1", "[::1]:54", "[::1]"]

    assert [("127.0.0.1", 5353), ("192.0.2.1", 53), ("::1", 53), ("::1", 54), ("::1", 53)] == [
        s2s._nameServer(text) for text in texts
    ]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"hosts": ["third.example"]}, r'\[hosts."third.example"\] is missing'),
        ({"hosts": ["Push.example"]}, "not a domain, or not in small letters"),
        ({"hosts": []}, "no host"),
        (
            {"certificate": None, "private-key": None},
            r'certificate is missing, or \[links.certificates."push.example"\]',
        ),
        ({"private-key": None}, "both of them"),
        ({"certificate": "/nowhere.pem"}, "/nowhere.pem: cannot be read"),
        ({"certificates": {"third.example": {"certificate": "x", "private-key": "y"}}}, "does not serve it"),
        ({"certificates": {US: {"certificate": "x"}}}, r"push.example.private-key: is missing"),
        ({"trust": "/nowhere.pem"}, "/nowhere.pem: cannot be read"),
        ({"listen": ["carrier-pigeon:5269"]}, "links: s2s.listen: 'carrier-pigeon:5269'"),
        ({"listen-direct-tls": ["tcp:many"]}, "links: s2s.listen-direct-tls: 'tcp:many'"),
        ({"dns": ["ns.example"]}, "neither an address nor address:port"),
        ({"dns": ["ns.example:53"]}, "neither an address nor address:port"),
        ({"dns": ["127.0.0.1:99999"]}, "neither an address nor address:port"),
        ({"private-addresses": ["10.0.0.1/8"]}, "private-addresses: 10.0.0.1/8 has host bits set"),
        ({"private-addresses": ["localhost"]}, "private-addresses: 'localhost'"),
        ({"max-stanza-size": 100}, "max-stanza-size"),
        ({"listen-direct": []}, "did you mean 'listen-direct-tls'"),
    ],
)
def test_whatCannotWorkIsSaidAtOnce(table: dict[str, Any], changes: dict[str, Any], complaint: str) -> None:
    """
    Options that cannot work are found before anything starts.
    """
    table = {key: value for key, value in {**table, **changes}.items() if value is not None}

    with pytest.raises(ConfigurationError, match=complaint):
        make(table)
