"""
Whose a certificate is.
"""

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from pushsvc.links.s2s.identity import NAMES_MAX, matches
from tests.standins.certificates import CA, domain, service, xmppAddress

XMPP_ADDR = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.5")
DNS_SRV = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.7")


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CA:
    return CA(tmp_path_factory.mktemp("ca"))


def certificate(ca: CA, *names: x509.GeneralName, **options: Any) -> x509.Certificate:
    return read(ca.issueTo(*names, **options).certificate)


def read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


@pytest.mark.parametrize(
    "name",
    [
        domain("example.org"),
        domain("EXAMPLE.org"),
        service("_xmpp-server.example.org"),
        xmppAddress("example.org"),
        xmppAddress("Example.ORG"),
    ],
)
def test_0178_1_eachKindOfNameWillDo(ca, name):
    """
    DNS-ID, SRV-ID and XmppAddr each name a domain, in whatever case.
    """
    shown = certificate(ca, name)

    assert matches(shown, "example.org")
    assert not matches(shown, "example.com")
    assert not matches(shown, "conference.example.org")
    assert not matches(shown, "ample.org")


@pytest.mark.parametrize(
    "name",
    [
        domain("xn--bcher-kva.example"),
        service("_xmpp-server.xn--bcher-kva.example"),
        xmppAddress("bücher.example"),
        xmppAddress("xn--bcher-kva.example"),
    ],
)
@pytest.mark.parametrize("asked", ["bücher.example", "xn--bcher-kva.example"])
def test_0178_1_spellingsOfAnInternationalDomainAreOne(ca, name, asked):
    """
    An international domain is known by its letters and by its A-labels.
    """
    shown = certificate(ca, name)

    assert matches(shown, asked)
    assert not matches(shown, "bucher.example")


def test_aWildcardStandsForOneLabel(ca):
    """
    A wildcard is for what is right below the domain: not for the domain, nor for what is further below.
    """
    shown = certificate(ca, domain("*.example.org"))

    assert matches(shown, "chat.example.org")
    assert not matches(shown, "example.org")
    assert not matches(shown, "a.chat.example.org")


def test_aWildcardIsForDNSOnly(ca):
    """
    An XmppAddr with a star in it is no wildcard.
    """
    assert not matches(certificate(ca, xmppAddress("*.example.org")), "chat.example.org")


@pytest.mark.parametrize(
    "names",
    [
        [service("_xmpp-client.example.org")],
        [service("_smtp.example.org")],
        [xmppAddress("user@example.org")],
        [xmppAddress("example.org/resource")],
        [x509.RFC822Name("example.org")],
        [x509.UniformResourceIdentifier("xmpp://example.org")],
        [domain("example.org.evil.example")],
        [],
    ],
)
def test_namesForSomethingElseAreNotForUs(ca, names):
    """
    Other services, users, mail and web addresses, and the subject, name no XMPP server.
    """
    assert not matches(certificate(ca, *names), "example.org")


@pytest.mark.parametrize(
    "odd",
    [
        domain("*.org"),
        domain("f*.example.net"),
        domain("127.0.0.1"),
        domain("a\0.example"),
        service(""),
        service("example"),
        x509.OtherName(DNS_SRV, b"\x0c\x03abc"),
        x509.OtherName(XMPP_ADDR, b"\x0c\x02\xff\xfe"),
        x509.OtherName(XMPP_ADDR, b"\x16\x0bexample.net"),
        x509.OtherName(XMPP_ADDR, b"\x30\x00"),
        xmppAddress("." * 300),
        xmppAddress(""),
    ],
)
def test_aNameThatIsNoneDoesNotSpoilTheOthers(ca, odd):
    """
    A name that cannot be understood names nobody, and leaves those beside it as they are.
    """
    for names in ([odd, domain("example.org")], [odd, xmppAddress("example.org")]):
        shown = certificate(ca, *names)

        assert matches(shown, "example.org")
        assert not matches(shown, "foo.example.net")
        assert not matches(shown, "example.net")


@pytest.mark.parametrize("san", [b"", b"\x30\x00", b"\x30\x82\xff\xff", b"\x04\x02hi", b"\x30\x03\x82\x01\xff"])
def test_bytesThatAreNoNamesAreNoMatch(ca, san):
    """
    An extension of names that is no such thing, or is empty, names nobody; nothing is raised.
    """
    broken = x509.UnrecognizedExtension(x509.oid.ExtensionOID.SUBJECT_ALTERNATIVE_NAME, san)

    assert not matches(certificate(ca, extensions=[broken]), "example.org")


def test_aCrowdOfNamesIsNotSearched(ca):
    """
    A certificate with an absurd number of names is nobody's; one with many is its owner's.
    """
    crowd = [domain(f"{number}.example") for number in range(NAMES_MAX)]

    assert matches(certificate(ca, *crowd[1:], domain("example.org")), "example.org")
    assert not matches(certificate(ca, *crowd, domain("example.org")), "example.org")


@pytest.mark.parametrize("asked", ["", ".", "a..b", "127.0.0.1", "[::1]", "x" * 64 + ".org", "a" * 5000, "\u0378.org"])
def test_whatIsNoDomainIsNobodys(ca, asked):
    """
    What is no domain is named by no certificate; nothing is raised.
    """
    assert not matches(certificate(ca, domain("example.org"), xmppAddress("example.org")), asked)


def test_belowAConstrainedAuthorityOnlyDNSCounts(ca):
    """
    Where only DNS-IDs have been checked against what an authority may certify, other names name nobody.
    """
    shown = certificate(
        ca, domain("corp.example"), xmppAddress("victim.example"), service("_xmpp-server.other.example")
    )

    domains = ["corp.example", "victim.example", "other.example"]
    assert [True, True, True] == [matches(shown, name) for name in domains]
    assert [True, False, False] == [matches(shown, name, onlyDNS=True) for name in domains]
