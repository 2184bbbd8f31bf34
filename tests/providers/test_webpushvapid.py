"""
Who we are to push services.
"""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from py_vapid import Vapid02

from pushsvc.providers.webpushvapid import LASTS, Authorizations, Signer, readKey
from tests.providers.webpushsupport import SUBJECT
from tests.standins.webpush import toBytes, toText, writeKey

MOZILLA = "https://updates.push.services.mozilla.com"


@pytest.fixture
def signer(tmp_path):
    path, _ = writeKey(tmp_path / "vapid.pem")
    return Signer(readKey(path), SUBJECT)


@pytest.fixture
def authorizations(signer, clock):
    return Authorizations(signer, clock, remembered=3)


def claimsOf(authorization):
    token = authorization.removeprefix("vapid t=").partition(",")[0]
    return json.loads(toBytes(token.split(".")[1]))


def test_aLibraryThatIsNotOursVerifiesIt(authorizations, signer, clock):
    """
    RFC 8292: the token is signed with the key beside it, is for this push service, says when it ends and whom to turn
    to.
    """
    authorization = authorizations.get(MOZILLA)

    assert Vapid02.verify(authorization.replace(", ", ","))
    assert authorization.endswith(f", k={signer.publicKey}")
    assert {"aud": MOZILLA, "exp": int(clock.seconds()) + LASTS, "sub": SUBJECT} == claimsOf(authorization)


def test_oneForEachPushServiceForHalfItsTime(authorizations, clock):
    """
    A token is signed once, not once for each push, and renewed long before it ends.
    """
    first = authorizations.get(MOZILLA)
    other = authorizations.get("https://web.push.apple.com")
    clock.advance(LASTS / 2 - 1)
    again = authorizations.get(MOZILLA)
    clock.advance(1)
    renewed = authorizations.get(MOZILLA)

    assert first == again
    assert "https://web.push.apple.com" == claimsOf(other)["aud"]
    assert int(clock.seconds()) + LASTS == claimsOf(renewed)["exp"]


@pytest.mark.parametrize("step", [-3600, -86400, 86400])
def test_aClockThatIsPutRight(authorizations, clock, step):
    """
    No push service takes what is good for longer than a day: when the clock is put back, or on, tokens are new.
    """
    authorizations.get(MOZILLA)
    clock.rightNow += step

    assert int(clock.seconds()) + LASTS == claimsOf(authorizations.get(MOZILLA))["exp"]


def test_thoseNotUsedAreForgotten(authorizations):
    """
    However many push services clients name, few tokens are kept: the latest.
    """
    first = authorizations.get(MOZILLA)
    for number in range(5):
        authorizations.get(f"https://{number}.example")
        assert first == authorizations.get(MOZILLA)

    assert 3 == len(authorizations._made)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, "base64url"])
def test_keysAsToolsWriteThem(tmp_path, form):
    """
    Keys are read as OpenSSL writes them, of either kind, and as the web's tools do.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "key"
    if form == "base64url":
        path.write_text(toText(key.private_numbers().private_value.to_bytes(32, "big")) + "\n")
    else:
        path.write_bytes(key.private_bytes(Encoding.PEM, form, NoEncryption()))

    assert key.private_numbers() == readKey(path).private_numbers()


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n",
        b"c2VjcmV0",
        b"\xff\xfe",
        b"A" * 43,
        pem(rsa.generate_private_key(65537, 2048)),
        pem(ec.generate_private_key(ec.SECP384R1())),
    ],
)
def test_whatIsNoKey(tmp_path, content):
    """
    What cannot be used is said, and nothing of what is in it.
    """
    path = tmp_path / "key"
    path.write_bytes(content)

    with pytest.raises(ValueError, match="key") as raised:
        readKey(path)

    assert "secret" not in str(raised.value)


def test_noFile(tmp_path):
    """
    A file that is not there is said, too.
    """
    with pytest.raises(ValueError, match="cannot be read"):
        readKey(tmp_path / "nothing")
