"""
Who we are to APNs: keys and certificates as operators have them.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PublicFormat, pkcs12

from pushsvc.errors import ProviderRefused
from pushsvc.model import Notification
from pushsvc.providers import apns
from pushsvc.providers.apnscertificate import readCertificate
from tests.providers.apnssupport import DEVICE, PUSH_ID, keyFile, makeAPNs, optionsOf
from tests.providers.contract import targetOf
from tests.standins.applekeys import KEY_ID, TEAM_ID, TOPIC, AppleCA, pem
from tests.standins.http import ScriptedHTTP, answer
from tests.support import resultOf

SENT = answer(200, b"", apns_id=PUSH_ID)
OPEN = NoEncryption()
PASSPHRASE = "open sesame ü"


@pytest.fixture(scope="module")
def ca():
    return AppleCA()


@pytest.fixture(scope="module")
def issued(ca):
    return ca.issue(key=rsa.generate_private_key(65537, 2048))


@pytest.fixture
def write(tmp_path):
    def write(content, name="push.pem"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def public(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "made",
    [
        lambda issued, root: (issued.pem + pem(issued.key), None, None),
        lambda issued, root: (pem(issued.key) + root + issued.pem, None, None),
        lambda issued, root: (b"Bag Attributes\n" + issued.pem + b"Key Attributes: x\n" + pem(issued.key), None, None),
        lambda issued, root: (issued.pem + pem(issued.key, PASSPHRASE), None, PASSPHRASE),
        lambda issued, root: (issued.pem, pem(issued.key), None),
        lambda issued, root: (issued.pem + root, pem(issued.key, PASSPHRASE), PASSPHRASE),
        lambda issued, root: (issued.pkcs12(PASSPHRASE), None, PASSPHRASE),
        lambda issued, root: (issued.pkcs12(None), None, None),
        lambda issued, root: (issued.pkcs12(None), None, ""),
    ],
    ids=range(9),
)
def test_D3_certificates(ca, issued, write, made):
    """
    D3, D4, D9: a certificate is taken as PEM or PKCS#12, by what is in the file and not by its name; its UID is the
    topic.
    """
    content, key, passphrase = made(issued, ca.pem)
    keyPath = None if key is None else write(key, "key.pem")

    read = readCertificate(write(content, "push.p12"), keyPath, passphrase)

    assert TOPIC == read.topic
    assert issued.certificate == read.shown.chain[0]
    assert public(issued.key) == public(read.shown.key)
    assert issued.certificate.not_valid_after_utc.timestamp() == read.ends
    assert "RSAPrivateKey" not in repr(read)


def test_chain(ca, issued, write):
    """
    Our own certificate stands first, whatever the order in the file; those that signed it follow.
    """
    for content in (ca.pem + issued.pem + pem(issued.key), issued.pkcs12(None, (ca.root,))):
        assert (issued.certificate, ca.root) == readCertificate(write(content), None, None).shown.chain


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda issued: (None, None, None), "^certificate: .*push.pem: cannot be read"),
        (lambda issued: (b"", None, None), "^certificate: .*push.pem: neither PEM nor PKCS#12"),
        (lambda issued: (b"\x30\x82garbage", None, "x"), "^certificate: .*neither PEM nor PKCS#12"),
        (lambda issued: (pem(issued.key), None, None), "^certificate: .*no certificate in it"),
        (lambda issued: (issued.pem, None, None), "^certificate: .*push.pem: no key in it"),
        (lambda issued: (issued.pem, b"", None), "^private-key: .*key.pem: no key in it"),
        (lambda issued: (issued.pem + pem(issued.key, "x"), None, None), "^certificate: .*needs a passphrase"),
        (lambda issued: (issued.pem, pem(issued.key, "x"), "wrong"), "^private-key: .*is the passphrase right"),
        (lambda issued: (issued.pem + pem(issued.key), None, "wrong"), "^certificate: .*its key needs none"),
        (lambda issued: (issued.pkcs12("x"), None, None), "^certificate: .*a passphrase is missing"),
        (lambda issued: (issued.pkcs12("x"), None, "wrong"), "^certificate: .*the passphrase is wrong"),
        (
            lambda issued: (
                pkcs12.serialize_key_and_certificates(None, None, issued.certificate, None, OPEN),
                None,
                "",
            ),
            "^certificate: .*PKCS#12 without a certificate and its key",
        ),
        (lambda issued: (issued.pkcs12("x"), pem(issued.key), "x"), "^certificate: .*PKCS#12 holds the private-key"),
        (
            lambda issued: (issued.pem, pem(rsa.generate_private_key(65537, 2048)), None),
            "^private-key: the key is not the certificate's",
        ),
        (lambda issued: (issued.pem, b"-----BEGIN PRIVATE KEY-----\nSECRET\n", None), "^private-key: .*cannot be read"),
        (lambda issued: (b"-----BEGIN CERTIFICATE-----\nSECRET\n", None, None), "^certificate: .*no certificate in it"),
    ],
    ids=range(16),
)
def test_certificatesThatCannotWork(issued, tmp_path, write, made, why):
    """
    What cannot work is told at the start, with the file and the reason, and without the key or the passphrase.
    """
    content, key, passphrase = made(issued)
    if content is not None:
        write(content)
    keyPath = None if key is None else write(key, "key.pem")

    with pytest.raises(ValueError, match=why) as raised:
        readCertificate(tmp_path / "push.pem", keyPath, passphrase)

    assert "SECRET" not in str(raised.value) and "wrong'" not in str(raised.value)
    assert str(raised.value).count("certificate:") <= 1


def withCertificate(http, clock, path, **said):
    return apns.makeProvider("chatninja", optionsOf(certificate=str(path), **said), http, clock)


def test_D9_topicOfTheCertificate(ca, issued, write, clock):
    """
    D9: the topic is that of the certificate unless the operator says another; no token goes with it, and its
    connections are its own.
    """
    path = write(issued.pem + pem(issued.key))
    http = ScriptedHTTP(SENT, SENT)

    for said in (None, "org.example.beta"):
        provider = withCertificate(http, clock, path, topic=said)
        resultOf(provider.send(targetOf(DEVICE), Notification(), PUSH_ID, clock.seconds() + 60))

    first, second = http.requests
    assert [TOPIC, "org.example.beta"] == [request.headers["apns-topic"] for request in http.requests]
    assert "authorization" not in first.headers
    assert issued.certificate == first.route.certificate.chain[0]
    assert first.route != second.route
    assert 2 == first.route.keep


def test_routesOfKeys(clock):
    """
    Apps with the same key share their connections; APNs wants no two keys on one.
    """
    http = ScriptedHTTP(SENT, SENT, SENT)

    for said in ({}, {"topic": "org.example.beta"}, {"key_id": "ZZZZZZZZZZ"}):
        provider = makeAPNs(http, clock, **said)
        resultOf(provider.send(targetOf(DEVICE), Notification(), PUSH_ID, clock.seconds() + 60))

    first, same, other = [request.route for request in http.requests]
    assert first == same != other
    tokens = [request.headers["authorization"] for request in http.requests]
    assert tokens[0] == tokens[1] != tokens[2]


def test_certificateEnded(ca, write, clock):
    """
    With a certificate that has ended nobody bothers APNs, which would only end the connection; the operator is told.
    """
    ends = datetime.fromtimestamp(clock.seconds(), UTC) + timedelta(hours=1)
    issued = ca.issue(ends=ends)
    http = ScriptedHTTP(SENT)
    provider = withCertificate(http, clock, write(issued.pem + pem(issued.key)))
    assert resultOf(provider.send(targetOf(DEVICE), Notification(), PUSH_ID, clock.seconds() + 60))
    clock.advance(3600)

    for act in (provider.send(targetOf(DEVICE), Notification(), PUSH_ID, clock.seconds() + 60), provider.check()):
        with pytest.raises(ProviderRefused, match=f"our certificate ended on {ends:%Y-%m-%d}"):
            resultOf(act)

    assert 1 == len(http.requests)


@pytest.mark.parametrize("place", ["inline", "file"])
def test_passphrases(issued, write, clock, place):
    """
    A passphrase stands in a file of its own, or inline for trying things out.
    """
    said = {"passphrase": PASSPHRASE}
    if place == "file":
        said = {"passphrase_file": str(write(f"{PASSPHRASE}\n".encode(), "passphrase"))}
    path = write(issued.pkcs12(PASSPHRASE))

    assert withCertificate(ScriptedHTTP(), clock, path, **said)
    assert PASSPHRASE not in repr(optionsOf(certificate=str(path), **said))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"key_file": None, "key_id": None, "team_id": None}, "^key-file .* or certificate is missing"),
        ({"key_file": None}, "^key-file is missing"),
        ({"key_id": None}, "^key-id is missing"),
        ({"team_id": None}, "^team-id is missing"),
        ({"key_id": "short"}, "^key-id: not the ten"),
        ({"team_id": "ABC 123 DE"}, "^team-id: not the ten"),
        ({"key_file": "/nowhere.p8"}, "^key-file: /nowhere.p8: cannot be read"),
        ({"certificate": "/push.pem"}, "^key-file goes with key-file|^key-file .*one of them"),
        ({"passphrase": "wrong"}, "^passphrase goes with certificate"),
        ({"passphrase_file": "/x"}, "^passphrase-file goes with certificate"),
        ({"private_key": "/x"}, "^private-key goes with certificate"),
        ({"topic": None}, "^topic is missing$"),
        ({"topic": "not a bundle id"}, "^topic: .*cannot be a bundle id"),
        ({"topic": ""}, "^topic"),
        ({"allowed_topics": ["x\r\ny: z"]}, "^topic: .*cannot be a bundle id"),
        ({"endpoint": "http://apple.example"}, "^endpoint: not an https URL"),
        ({"additional_data": {"aps": {}}}, "^additional-data: aps"),
        ({"additional_data": {"day": date(2026, 11, 20)}}, "^additional-data: .*JSON"),
        ({"additional_data": {"x": float("nan")}}, "^additional-data: .*JSON"),
        ({"additional_data": {"x": "y" * 4000}}, "^additional-data or the texts are too long"),
        ({"alert_body": "y" * 4000}, "^additional-data or the texts are too long"),
        ({"call_body": "y" * 4000}, "^additional-data or the texts are too long"),
    ],
    ids=str,
)
def test_optionsThatCannotWork(clock, said, why):
    """
    What cannot work together is told at the start, with the key that it is about.
    """
    with pytest.raises(ValueError, match=why):
        makeAPNs(ScriptedHTTP(), clock, **said)


def test_topicMissing(ca, write, clock):
    """
    A certificate that does not say its topic leaves that to the operator.
    """
    issued = ca.issue(topic=None)
    path = write(issued.pem + pem(issued.key))

    with pytest.raises(ValueError, match=r"^topic is missing, and the certificate does not say it"):
        withCertificate(ScriptedHTTP(), clock, path, topic=None)


def test_passphraseTwice(issued, write, clock):
    """
    A passphrase in two places is one too many.
    """
    with pytest.raises(ValueError, match=r"^passphrase and passphrase-file: one of them"):
        withCertificate(ScriptedHTTP(), clock, write(b""), passphrase="x", passphrase_file="/x")
    with pytest.raises(ValueError, match=r"^passphrase-file: /x: cannot be read"):
        withCertificate(ScriptedHTTP(), clock, write(b""), passphrase_file="/x")


def test_keyFileIsReadOnce(clock):
    """
    Once the provider is made, its key file is not needed any more.
    """
    with keyFile() as path:
        options = optionsOf(key_file=str(path), key_id=KEY_ID, team_id=TEAM_ID)
        http = ScriptedHTTP(SENT)
        provider = apns.makeProvider("chatninja", options, http, clock)
    assert not Path(path).exists()

    assert resultOf(provider.send(targetOf(DEVICE), Notification(), PUSH_ID, clock.seconds() + 60))
