"""
Provider tokens: when they are made, and who shares them.
"""

import gc
import itertools

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from twisted.internet.task import Clock

from pushsvc.providers.apnstoken import Key, ProviderToken, readKey, sharedToken
from tests.standins.applekeys import KEY_ID, TEAM_ID, pem, publicPEM, signingKey, writeKey

# Seconds.
FIFTY_MINUTES = 3000
TWENTY_MINUTES = 1200


def keyOf(name="first", keyId=KEY_ID, teamId=TEAM_ID):
    return Key(keyId, teamId, signingKey(name))


@pytest.fixture
def token(clock):
    return ProviderToken(keyOf(), clock, clock.seconds)


def test_D5_token(token, clock):
    """
    D5: the token is signed with ES256, names key and team, and says when it was made, as an integer.
    """
    clock.advance(0.75)
    said = token.get()

    assert {"alg": "ES256", "kid": KEY_ID, "typ": "JWT"} == jwt.get_unverified_header(said)
    claims = jwt.decode(said, publicPEM(signingKey("first")), algorithms=["ES256"], options={"verify_iat": False})
    assert {"iss": TEAM_ID, "iat": int(clock.seconds())} == claims
    assert int is type(claims["iat"])


def test_renewed(token, clock):
    """
    A token is made once, and again after fifty minutes.
    """
    first = token.get()
    clock.advance(FIFTY_MINUTES - 1)
    assert first == token.get()
    clock.advance(1)

    assert first != token.get()
    assert token.get() == token.get()


def test_notMadeBeforeItIsNeeded(clock):
    """
    A token bears the time of its first use, not of the start.
    """
    token = ProviderToken(keyOf(), clock, clock.seconds)
    clock.advance(86400)

    claims = jwt.decode(token.get(), options={"verify_signature": False})

    assert int(clock.seconds()) == claims["iat"]


def test_expiredEarly(token, clock):
    """
    When APNs calls a token expired, it is renewed, but not before it is twenty minutes old.
    """
    first = token.get()
    clock.advance(TWENTY_MINUTES - 1)
    assert token.after(first) is None
    assert first == token.get()
    clock.advance(1)

    second = token.after(first)

    assert second is not None and second != first
    assert second == token.get()


def test_expiredForMany(token, clock):
    """
    However many pushes learn at once that a token has expired, there is one new one.
    """
    first = token.get()
    clock.advance(TWENTY_MINUTES)

    assert 1 == len({token.after(first) for _ in range(100)})


def test_neverTooOften(token, clock):
    """
    Whatever APNs says and whenever, no two tokens are made within twenty minutes.
    """
    made = {}
    for _ in range(500):
        clock.advance(61)
        made.setdefault(token.after(token.get()) or token.get(), clock.seconds())

    times = sorted(made.values())
    assert 10 < len(times)
    assert all(later - earlier >= TWENTY_MINUTES for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize("step", [-86400, -300, -5, 5, 300, 86400])
def test_clockPutRight(clock, step):
    """
    However often a clock is put right, no two tokens are made within twenty minutes; after these, a token that seems to
    be from the future, or too old, is renewed.
    """
    passed = Clock()
    token = ProviderToken(keyOf(), clock, passed.seconds)
    first = token.get()
    for _ in range(10):
        clock.rightNow += step
        assert first == token.get()
        assert token.after(first) is None
        clock.rightNow -= step
    passed.advance(TWENTY_MINUTES)
    assert first == token.get()

    clock.rightNow += step

    assert (abs(step) > 3000 or step == -300) == (first != token.get())


def test_clockStandsStill(clock):
    """
    How old a token is does not depend on a clock that may be put right.
    """
    passed = Clock()
    token = ProviderToken(keyOf(), clock, passed.seconds)
    first = token.get()

    passed.advance(FIFTY_MINUTES)

    assert first != token.get()


def test_shared(clock):
    """
    All apps with the same key share its token; others have theirs.
    """
    first = sharedToken(keyOf(), clock)

    assert first is sharedToken(keyOf(), clock)
    others = [
        sharedToken(keyOf("second"), clock),
        sharedToken(keyOf(keyId="ZZZZZZZZZZ"), clock),
        sharedToken(keyOf(teamId="ZZZZZZZZZZ"), clock),
        sharedToken(keyOf(), Clock()),
    ]
    assert 5 == len({id(token) for token in (first, *others)})


def test_sharedNoLongerThanUsed(clock):
    """
    A token lasts as long as somebody uses it.
    """
    first = sharedToken(keyOf(), clock)
    said = first.get()
    clock.advance(1)
    assert said == sharedToken(keyOf(), clock).get()

    del first
    gc.collect()

    assert said != sharedToken(keyOf(), clock).get()


def test_readKey(tmp_path):
    """
    A .p8 file is read as Apple hands it out.
    """
    path = writeKey(tmp_path / "AuthKey.p8")

    key = readKey(path, KEY_ID, TEAM_ID)

    assert keyOf().identity == key.identity
    assert "PrivateKey" not in repr(key)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        (b"", "not a private key"),
        (b"-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n", "not a private key"),
        (pem(signingKey("first"), "passphrase"), "not a private key"),
        (publicPEM(signingKey("first")).encode(), "not a private key"),
        (pem(rsa.generate_private_key(65537, 2048)), "not a key for ES256"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "not a key for ES256"),
    ],
    ids=range(7),
)
def test_keysThatCannotWork(tmp_path, content, why):
    """
    A key that cannot work is told with its file and the reason, and without the key.
    """
    path = tmp_path / "AuthKey.p8"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ValueError, match=f"AuthKey.p8: {why}") as raised:
        readKey(path, KEY_ID, TEAM_ID)

    assert "SECRET" not in str(raised.value)
