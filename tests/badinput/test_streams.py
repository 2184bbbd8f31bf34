"""
Streams from other servers that are not as they should be (RFC 6120). Over real sockets: tests/links/s2s/test_hostile.
"""

import re

import pytest

from tests.fuzz.servers import SECURED, incoming

HEADER = (
    "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback'"
    " xmlns:stream='http://etherx.jabber.org/streams' from='evil.example' to='push.example' version='1.0'>"
)
STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
PROVEN = SECURED.decode() + HEADER + AUTH + "\n--\n" + HEADER
MESSAGE = "<message from='evil.example' to='push.example'><body>{}</body></message>"


def heard(said: str) -> str:
    """
    What a peer hears who says this.
    """
    return incoming(said.encode()).tube.value().decode()


def headersIn(text: str) -> list[dict[str, str]]:
    found = re.findall(r"<stream:stream([^>]*)>", text)
    return [dict(re.findall(r"([a-z:]+)='([^']*)'", header)) for header in found]


def conditionIn(text: str) -> str:
    """
    The stream error in it.
    """
    match = re.search(r"<stream:error><([a-z-]+)", text)
    return match[1] if match else ""


def test_6120_1_headers():
    """
    6120-1: A header is answered with one that is from whom was asked, to who asked, of version 1.0, with an id that
    nobody can guess and that no two streams share; features follow.
    """
    first, second = heard(HEADER), heard(HEADER)

    (header,), (other,) = headersIn(first), headersIn(second)
    assert ("push.example", "evil.example", "1.0") == (header["from"], header["to"], header["version"])
    assert 32 == len(header["id"]) and header["id"] != other["id"]
    assert re.search(r"<stream:stream[^>]*><stream:features", first)


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        (HEADER.replace("push.example", "nowhere.example"), "host-unknown"),
        (HEADER.replace("='jabber:server'", "='jabber:client'"), "invalid-namespace"),
        (HEADER.replace("etherx", "ether"), "invalid-namespace"),
        (HEADER.replace("evil.example", "a@evil.example"), "improper-addressing"),
        (HEADER.replace("evil.example", "push.example"), "invalid-from"),
        ("<!DOCTYPE a>" + HEADER, "restricted-xml"),
        (HEADER + "<!-- a -->", "restricted-xml"),
        (HEADER + "<?a?>", "restricted-xml"),
        (HEADER + "<a>&b;</a>", "not-well-formed"),
        (HEADER + "<a></b>", "not-well-formed"),
        (HEADER + "<a b='1' b='2'/>", "not-well-formed"),
        (HEADER + "<a>\x01</a>", "not-well-formed"),
        (PROVEN + MESSAGE.replace("from='evil.example' ", ""), "improper-addressing"),
        (PROVEN + MESSAGE.replace(" to='push.example'", ""), "improper-addressing"),
        (PROVEN + MESSAGE.replace("from='evil", "from='chat"), "invalid-from"),
        (PROVEN + MESSAGE.replace("<message", "<message xmlns='jabber:client'"), "invalid-namespace"),
    ],
)
def test_6120_1_whatEndsAStream(said, condition):
    """
    6120-1: What may not be on a stream ends it, with the stream error that says why.
    """
    scene = incoming(said.encode())

    assert condition == conditionIn(scene.tube.value().decode())
    assert scene.tube.value().endswith(b"</stream:stream>")
    assert [] == scene.received and scene.tube.disconnecting


def test_6120_2_nothingOutlivesSTARTTLS():
    """
    6120-2: TLS is required. What stands behind the wish for it is forgotten, and so is all that was said before, also
    who it was that said it.
    """
    text = heard(HEADER + STARTTLS + HEADER + AUTH + MESSAGE + "\n-- TLS\n" + HEADER.replace("evil", "chat"))

    assert "<required/>" in text
    assert 1 == text.count("<proceed") and "<success" not in text and "" == conditionIn(text)
    assert ["evil.example", "chat.example"] == [header["to"] for header in headersIn(text)]
    ids = [header["id"] for header in headersIn(text)]
    assert 2 == len(set(ids)) == len(ids)


@pytest.mark.parametrize("before", [HEADER, SECURED.decode() + HEADER, PROVEN])
@pytest.mark.parametrize("stanza", ["iq type='get' id='1'", "message", "presence"])
def test_6120_3_nothingBeforeAuthentication(before, stanza):
    """
    6120-3: Stanzas of who is not authenticated end the stream, whatever they are, also when somebody else is.
    """
    scene = incoming((before + f"<{stanza} from='chat.example' to='push.example'/>").encode())

    assert conditionIn(scene.tube.value().decode()) == ("invalid-from" if before == PROVEN else "not-authorized")
    assert [] == scene.received


@pytest.mark.parametrize("missing", [" from='evil.example'", " to='push.example'", " version='1.0'"])
def test_6120_4_whatHeadersLack(missing):
    """
    6120-4: Who does not say from whom, to whom or of which version gets a header with an id all the same; without a
    version there are no features.
    """
    text = heard(HEADER.replace(missing, ""))

    (header,) = headersIn(text)
    assert header["id"] and "" == conditionIn(text)
    assert ("<stream:features" in text) == ("version" not in missing)


def test_6120_4_nothingAtAll():
    """
    6120-4: That holds also for a header that says nothing at all.
    """
    (header,) = headersIn(heard(HEADER.partition(" from=")[0] + ">"))

    assert header["id"] and "to" not in header


@pytest.mark.parametrize("size", [10_000, 100_000, 262_000])
def test_6120_6_largeStanzas(size):
    """
    6120-6: Once a peer is authenticated, its stanzas may be large.
    """
    scene = incoming((PROVEN + MESSAGE.format("x" * (size - len(MESSAGE)))).encode())

    assert 1 == len(scene.received)
    assert size - len(MESSAGE) == len(str(scene.received[0].body))


@pytest.mark.parametrize("said", [HEADER + "<a>" + "x" * 10_001, PROVEN + MESSAGE.format("x" * 262_145)])
def test_6120_6_tooLargeStanzas(said):
    """
    6120-6: What is too large ends the stream, with little before authentication and with much after it.
    """
    scene = incoming(said.encode())

    assert "policy-violation" == conditionIn(scene.tube.value().decode())
    assert [] == scene.received
