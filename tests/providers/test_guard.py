"""
Where nobody's URL leads us, whatever it looks like and whatever DNS says.
"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twisted.web.client import URI

from pushsvc.guard import Guard, Origin, allowing, originOf
from pushsvc.httpclient.http2.requests import split

NAMED = Origin("push.example.org")
# IANA's registries of special addresses, RFC 6890 and what came since; and how IPv6 leads to those of IPv4.
NOBODYS = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.255
    168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.9 192.0.0.10
    192.0.0.170 192.0.0.192 192.0.0.255 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255
    198.51.100.1 203.0.113.1 224.0.0.1 233.252.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::127.0.0.1 ::10.0.0.1 ::ffff:0.0.0.0 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:a9fe:a9fe
    ::ffff:192.0.0.192 ::ffff:0:127.0.0.1 ::ffff:224.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a00:1 64:ff9b::192.0.0.192
    64:ff9b::224.0.0.1 64:ff9b:1::1 64:ff9b:1::8.8.8.8 100::1 2001::1 2001:0:808:808:0:0:f5ff:fffe 2001:2::1
    2001:10::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2002:a9fe:a9fe:: 2002:c0a8:1::1 2002:c000:c0:: 2002:e000:1::
    3fff::1 3fff:fff:ffff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::1%eth0 fe80::1%1 fec0::1
    ff02::1 ff0e::1 2a00:1450::1%eth0 ::ffff:8.8.8.8%1
""".split()  # noqa: SIM905
EVERYBODYS = ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.1.1", "198.20.0.1", "2a00:1450::1"]
ODD = st.text("az09.-_:/?@[]%;&=#\\~!$*+,'()ſ", max_size=9)
HEADS = st.sampled_from(
    ["https://", "https://push.example", "HTTPS://PUSH.example", "https://8.8.8.8", "https://[2a00::1]"]
)


@pytest.mark.parametrize("address", NOBODYS)
def test_whatIsNobodysIsNotDialled(address):
    """
    Addresses in our own network, and those that are not to be reached from everywhere, are not dialled: whichever
    version of Python judges them, and however one of IPv4 is wrapped.
    """
    assert not Guard().admits(NAMED, address)
    assert not allowing(("https://other.example.org:*",)).admits(NAMED, address)
    assert allowing(("https://push.example.org",)).admits(NAMED, address)


@pytest.mark.parametrize("address", EVERYBODYS)
def test_whatIsEverybodysIs(address):
    """
    What lies beside them may be.
    """
    assert Guard().admits(NAMED, address)


@pytest.mark.parametrize(
    "url",
    [
        "https://push.example.org.evil.example/",
        "https://push.example.org:8443/",
        "https://evil.example?push.example.org",
        "https://evil.example/@push.example.org",
        "https://xpush.example.org/",
        "https://push-example.org/",
        "https://push.example.0rg/",
        # A Cyrillic р.
        "https://xn--ush-nxc.example.org/",
    ],
)
def test_whatLooksLikeWhatIsAllowedIsNot(url):
    """
    A server is allowed by its whole name and its port, not by what looks like them.
    """
    assert not allowing(("https://push.example.org",)).names(originOf(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://push.example.org@evil.example/",
        "https://evil.example\\@push.example.org/",
        "https://push.example.org./",
        "https://рush.example.org/",
        "https://push。example.org/",
        "https://push.example.org%2eevil.example/",
        "https://push.example.org\t.evil.example/",
        "https://push.example.org:443:8443/",
        "https://[::ffff:127.0.0.1%251]/",
    ],
)
def test_whatCouldBeReadInTwoWays(url):
    """
    What one reader could take for an allowed server and another for somebody else is nobody's URL.
    """
    with pytest.raises(ValueError, match=r"^(not|its|a) "):
        originOf(url)


@given(HEADS, ODD)
@example("https://push.example", "?@evil.example/")
@example("https://push.example", "/\\evil.example")
@example("https://push.example", ":0443;x")
def test_whoAsksReadsTheSameServer(head, odd):
    """
    Whoever connects in the end, by either version of HTTP, reads the same server out of a URL as the guard does.
    """
    try:
        origin = originOf(head + odd)
    except ValueError:
        return

    newer, _ = split(head + odd)
    older = URI.fromBytes((head + odd).encode("ascii"))

    assert (origin.host, origin.port) == (newer.host.lower(), newer.port)
    assert (origin.host, origin.port) == (older.host.decode("ascii").strip("[]").lower(), older.port)
