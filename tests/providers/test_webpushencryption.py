"""
Web Push's encryption: the RFC's own example, and a reader that is not ours.
"""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.providers.base64url import decoded, encoded
from pushsvc.providers.webpushencryption import LARGEST, OVERHEAD, encrypted, peerOf
from tests.standins.webpush import Browser

# RFC 8291, appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
BROWSER = Browser("https://push.example")


def test_theExampleOfTheRFC():
    """
    RFC 8291, appendix A: the same input is the same push, to the last byte.
    """
    own = derive_private_key(int.from_bytes(decoded(OWN), "big"), SECP256R1())

    body = encrypted(TEXT, peerOf(P256DH, AUTH), own=own, salt=decoded(SALT))

    assert BODY == encoded(body)


@given(st.binary(max_size=LARGEST - OVERHEAD), st.sampled_from([1024, 2000, LARGEST]))
def test_theDeviceReadsIt(text, size):
    """
    What is encrypted is read by a library that is not ours, and has the size that was asked for, whatever it says.
    """
    peer = peerOf(BROWSER.p256dh, BROWSER.auth)
    if len(text) > size - OVERHEAD:
        with pytest.raises(ValueError, match="too long"):
            encrypted(text, peer, size)
        return

    body = encrypted(text, peer, size)

    assert size == len(body)
    assert text == BROWSER.decrypted(body)


def test_nobodyElseReadsIt():
    """
    Another device has other keys.
    """
    body = encrypted(b"text", peerOf(BROWSER.p256dh, BROWSER.auth))

    with pytest.raises((InvalidTag, Exception)) as raised:
        Browser("https://push.example").decrypted(body)

    assert "text" not in str(raised.value)


def test_eachPushHasKeysOfItsOwn():
    """
    Two pushes that say the same have nothing in common: neither salt nor key nor ciphertext.
    """
    peer = peerOf(BROWSER.p256dh, BROWSER.auth)

    one, other = encrypted(b"text", peer), encrypted(b"text", peer)

    assert one[:16] != other[:16]
    assert one[21:86] != other[21:86]
    assert one[86:] != other[86:]


def test_keysAreKeptReady():
    """
    A device's keys are not read anew for each push.
    """
    assert peerOf(BROWSER.p256dh, BROWSER.auth) is peerOf(BROWSER.p256dh, BROWSER.auth)


POINT = decoded(P256DH)


@pytest.mark.parametrize(
    "p256dh",
    [
        b"",
        POINT[:-1],
        POINT + b"\0",
        b"\x05" + POINT[1:],
        POINT[:-1] + bytes([POINT[-1] ^ 1]),  # not on the curve
        b"\x04" + bytes(64),
        b"\x00" + bytes(64),
        b"\x02" + POINT[1:33],  # compressed
        b"\x04" + b"\xff" * 64,
    ],
)
def test_whatIsNoKeyIsNotTaken(p256dh):
    """
    A public key is an uncompressed point on the curve, and nothing else is.
    """
    with pytest.raises(ValueError, match="p256dh"):
        peerOf(encoded(p256dh), AUTH)


@pytest.mark.parametrize("auth", [b"", bytes(15), bytes(17)])
def test_whatIsNoSecretIsNotTaken(auth):
    """
    The secret has 16 bytes.
    """
    with pytest.raises(ValueError, match="auth"):
        peerOf(P256DH, encoded(auth))


@pytest.mark.parametrize(
    ("text", "value"),
    [("-_8", b"\xfb\xff"), ("-_8=", b"\xfb\xff"), ("+/8=", b"\xfb\xff"), ("+/8", b"\xfb\xff"), ("", b"")],
)
def test_base64urlAsItComes(text, value):
    """
    With padding or without, in the web's alphabet or the older one.
    """
    assert value == decoded(text)


@pytest.mark.parametrize("text", ["a", "-_8 ", "-_\n8", "-_=8", "ü", "a.b", "abcde"])
def test_whatIsNoBase64(text):
    """
    What is none is no value.
    """
    with pytest.raises(ValueError, match="base64url"):
        decoded(text)
