"""
URLs that clients name.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.config import ConfigurationError, build
from pushsvc.errors import BadForm, ProviderDown, Refused
from pushsvc.exchange import (
    AnswerTooLarge,
    NotAdmitted,
    NotConnected,
    NotPermitted,
    NotTrusted,
    Request,
    Response,
    TimedOut,
)
from pushsvc.providers.endpoints import LONGEST_URL, EndpointOptions, Endpoints, asEndpointError, asked, origin
from tests.standins.http import ScriptedHTTP
from tests.support import resultOf

GOOD = [
    "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk-_x",
    "https://fcm.googleapis.com/fcm/send/dpH5lCsTSSM:APA91bHqjZxM0VImWWqDRN7U0a3AycjUf4O",
    "https://web.push.apple.com/QGuQyavXutnMH9KfVnUJ3TaQxzLS",
    "https://db5p.notify.windows.com/w/?token=BQYAAAB%2fYw%2b%3d%3D",
    "https://up.example.org:8443?token=a//b/../c",
    "HTTPS://Up.Example.ORG/",
    "https://xn--mnchen-3ya.example/x",
    "https://8.8.8.8/x",
    "https://[2a00:1450:4001:82a::200e]:443/x",
]
BAD = [
    "",
    "secret",
    "//push.example/secret",
    "http://push.example/secret",
    "ftp://push.example/secret",
    "https:push.example/secret",
    "https:///secret",
    "https://:443/secret",
    "https://user@push.example/secret",
    "https://user:password@push.example/secret",
    "https://push.example\\@10.0.0.1/secret",
    "https://push.example/secret#fragment",
    "https://push.example/secret#",
    "https://push.example:/secret",
    "https://push.example:0/secret",
    "https://push.example:65536/secret",
    "https://push.example:+443/secret",
    "https://push.example:４４３/secret",
    "https://push..example/secret",
    "https://push.example./secret",
    "https://-/secret",
    "https://-push.example/secret",
    "https://push-.example/secret",
    "https://pu_sh.example/secret",
    "https://pu--sh.example/secret",
    "https://xn--zzzz.example/secret",
    "https://" + "x" * 64 + ".example/secret",
    "https://pus%68.example/secret",
    "https://push.exämple/secret",
    "https://push.example/sec ret",
    "https://push.example/sec\nret",
    "https://push.example/secret\r\nX: y",
    "https://push.example/s\u00e9cret",
    # Letters that are equal to others but for their case.
    "http\u017f://push.example/secret",
    "https://push.example/\u017fecret",
    "https://push.example/\u212a",
    "https://pu\u017fh.example/secret",
    "https://\u212a.example/secret",
    "https://\u0131.example/secret",
    "https://\u0130.example/secret",
    "https://push.example/sec%ret",
    "https://push.example/sec%2",
    " https://push.example/secret",
    "https://push.example/secret ",
    "https://push.example/" + "x" * LONGEST_URL,
    "https://" + "x" * 250 + ".example/secret",
    # Private, in every spelling
    "https://localhost/secret",
    "https://router/secret",
    "https://127.0.0.1/secret",
    "https://127.1/secret",
    "https://2130706433/secret",
    "https://0x7f000001/secret",
    "https://0x7f.0.0.1/secret",
    "https://0177.0.0.1/secret",
    "https://127.0.0.1./secret",
    "https://0.0.0.0/secret",
    "https://10.0.0.1/secret",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.168.0.1:8443/secret",
    "https://100.64.0.1/secret",
    "https://224.0.0.1/secret",
    "https://255.255.255.255/secret",
    "https://[::]/secret",
    "https://[::1]/secret",
    "https://[::ffff:127.0.0.1]/secret",
    "https://[::ffff:7f00:1]/secret",
    "https://[64:ff9b::10.0.0.1]/secret",
    "https://[2002:7f00:1::]/secret",
    "https://[fc00::1]/secret",
    "https://[fe80::1]/secret",
    "https://[fe80::1%25eth0]/secret",
    "https://[127.0.0.1]/secret",
    "https://[::1/secret",
    "https://[v1.x]/secret",
]


@pytest.mark.parametrize("url", GOOD)
def test_aURLIsTakenAsItIs(url):
    """
    What a public server gave its client is kept to the letter.
    """
    assert url == Endpoints().read("endpoint", url)


@pytest.mark.parametrize("url", BAD)
def test_whatLeadsElsewhereIsRefused(url):
    """
    What is no https URL, or could be read in two ways, or leads into our own network, is refused, without saying it.
    """
    with pytest.raises(BadForm, match=r"^endpoint: ") as raised:
        Endpoints().read("endpoint", url)

    assert len(str(raised.value)) < 60
    for part in ("secret", "password", "example", "127", "10.0"):
        assert part not in str(raised.value)


@given(st.text(max_size=80), st.sampled_from(["", "https://", "https://push.example/", "https://push.example:"]))
def test_anythingIsReadOrRefused(text, before):
    """
    There is no third way, whatever it is.
    """
    url = before + text
    try:
        assert url == Endpoints().read("endpoint", url)
    except BadForm:
        return
    assert origin(url).startswith("https://")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://127.0.0.1/x", True),
        ("https://127.0.0.1:8443/x", True),
        ("https://127.0.0.2:8443/x", False),
        ("https://localhost/x", False),
        ("https://[::ffff:127.0.0.1]/x", False),
        ("https://push/x", True),
        ("https://PUSH:443/x", True),
        ("https://push:8443/x", False),
        ("https://push2/x", False),
        ("https://10.0.0.7:8443/x", True),
        ("https://10.0.0.7/x", False),
        ("https://[fd00::7]:1/x", True),
        ("https://[fd00::8]:1/x", False),
        ("https://push.example/x", True),
        ("http://127.0.0.1/x", False),
    ],
)
def test_allowedEndpoints(url, allowed):
    """
    What the operator allows is allowed, and nothing beside it; public servers stay what they are.
    """
    endpoints = Endpoints(("https://127.0.0.1:*", "https://push", "https://10.0.0.7:8443/", "https://[FD00::7]:*"))

    try:
        taken = endpoints.read("endpoint", url) == url
    except BadForm:
        taken = False

    assert allowed == taken


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "*",
        "https://*",
        "https://*:*",
        "127.0.0.1",
        "http://127.0.0.1",
        "https://10.0.0.0/8",
        "https://a/b",
        "https://a:b",
        "https://a:0",
        "https://a:**",
        "https://[127.0.0.1]",
        "https://127.1",
    ],
)
def test_whatIsNoPatternIsSaidAtTheStart(pattern):
    """
    What cannot be allowed is an error of the configuration, which says how it should look.
    """
    table = {"provider": "webpush", "allowed-endpoints": ["https://push.example", pattern]}

    with pytest.raises(ConfigurationError, match=r"apps\.web\.allowed-endpoints\.1: ") as raised:
        build(EndpointOptions, table, "apps.web")

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://push.example/secret", "https://push.example"),
        ("HTTPS://Push.Example:443?secret", "https://push.example"),
        ("https://push.example:8443/secret", "https://push.example:8443"),
        ("https://[2A00::1]:8443/secret", "https://[2a00::1]:8443"),
        ("https://[2a00::1]/secret", "https://[2a00::1]"),
    ],
)
def test_origin(url, expected):
    """
    However an endpoint spells its server, it is one server.
    """
    assert expected == origin(url)


def test_aPageBesideTheAnswer():
    """
    What a server answers counts, however much it goes on to say: else who takes a push and shows a page would get it
    again and again, and who shows a page for those it does not know would be asked for ever.
    """
    tooLarge = AnswerTooLarge("the answer is too large", Response(404, {"retry-after": "7"}))
    request = Request("POST", "https://push.example/secret")

    assert tooLarge.response == resultOf(asked(ScriptedHTTP(tooLarge), request, "webhook"))
    with pytest.raises(ProviderDown, match="webhook: no answer"):
        resultOf(asked(ScriptedHTTP(TimedOut("no answer")), request, "webhook"))


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (NotPermitted("no connection"), Refused),
        (NotTrusted("the certificate is not trusted"), ProviderDown),
        (NotAdmitted("our certificate is not taken"), ProviderDown),
        (NotConnected("no connection"), ProviderDown),
        (TimedOut("no answer", maybeSent=True), ProviderDown),
    ],
)
def test_whatIsWrongThereIsNoAlarm(failed, expected):
    """
    Whatever is wrong with a server that a client named, it is never our configuration; and where we do not go is not
    tried again.
    """
    error = asEndpointError(failed, "Web Push")

    assert type(error) is expected
    assert getattr(error, "maybeSent", False) == failed.maybeSent
