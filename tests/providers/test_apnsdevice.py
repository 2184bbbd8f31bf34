"""
Devices of APNs as clients name them when they register.
"""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.providers.apnsdevice import readTarget
from tests.standins.applekeys import TOPIC

RAW = bytes.fromhex("00112233445566778899aabbccddeeff" * 2)


def read(**said):
    fields = {name.replace("_", "-"): value if isinstance(value, tuple) else (value,) for name, value in said.items()}
    return readTarget(Fields(fields), (TOPIC, "org.example.beta"))


def spellings(raw):
    standard, safe = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    return {standard, safe, standard.rstrip("="), safe.rstrip("=")}


@given(st.binary(min_size=32, max_size=200))
def test_MP9_spellings(raw):
    """
    MP-9: a token of any length is understood as hexadecimal and as base64 of any flavour, and kept in one spelling.
    """
    for spelled in {raw.hex(), raw.hex().upper(), *spellings(raw)}:
        assert (raw.hex(), {}) == read(token=spelled)


@given(st.binary(min_size=1, max_size=200))
def test_hexadecimal(raw):
    """
    What is spelled in hexadecimal is that, however short.
    """
    assert raw.hex() == read(token=raw.hex())[0]


@given(st.text("0123456789abcdefABCDEF", min_size=42, max_size=42), st.sampled_from("AEc048"))
def test_base64ThatLooksLikeHexadecimal(digits, last):
    """
    The base64 of 32 bytes is not taken for hexadecimal, even where it has no other letters.
    """
    raw = base64.b64decode(f"{digits}{last}=")

    for spelled in (f"{digits}{last}", f"{digits}{last}="):
        assert raw.hex() == read(token=spelled)[0]


def test_pastedWithBlanks():
    """
    Blanks around a token are none of it.
    """
    assert RAW.hex() == read(token=f" {RAW.hex()}\n")[0]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"token": ""},
        {"token": "   "},
        {"token": ("a" * 64, "b" * 64)},
        {"token": "A"},
        {"token": "===="},
        {"token": "AAAAA"},
        {"token": "AAA A"},
        {"token": "AAAA===="},
        {"token": "AA=AA"},
        {"token": "ü" * 64},
        {"token": "<" + "ab" * 32 + ">"},
        {"token": "https://device.example/"},
        {"token": "A" * 4097},
        {"token": "AA==", "voip_token": "?"},
        {"voip_token": "AA=="},
        {"token": "AA==", "environment": "staging"},
        {"token": "AA==", "environment": ("production", "sandbox")},
        {"token": "AA==", "sandbox": "maybe"},
        {"token": "AA==", "sandbox": "true", "environment": "production"},
        {"token": "AA==", "topic": "org.example.other"},
        {"token": "AA==", "topic": TOPIC + ".voip"},
    ],
    ids=str,
)
def test_refused(said):
    """
    What cannot be a device is told to who registers it, and not repeated.
    """
    with pytest.raises(BadForm) as raised:
        read(**said)

    assert not any(word in str(raised.value) for word in ("AAAA", "abab", "staging", "maybe", "org.example"))


@pytest.mark.parametrize(
    ("said", "environment"),
    [
        ({}, None),
        ({"environment": "production"}, "production"),
        ({"environment": "Sandbox"}, "sandbox"),
        ({"environment": "development"}, "sandbox"),
        ({"sandbox": "true"}, "sandbox"),
        ({"sandbox": "1"}, "sandbox"),
        ({"sandbox": "false"}, "production"),
        ({"sandbox": "0"}, "production"),
        ({"sandbox": ""}, None),
        ({"sandbox": "true", "environment": "sandbox"}, "sandbox"),
    ],
    ids=str,
)
def test_D6_environment(said, environment):
    """
    D6: a device may say which environment its token is from.
    """
    details = read(token=RAW.hex(), **said)[1]

    assert environment == details.get("environment")


def test_C15_details():
    """
    C15: PushKit's token is kept beside the other, and so is the topic when it is said.
    """
    token, details = read(token=RAW.hex(), voip_token=base64.b64encode(RAW[::-1]).decode(), topic="org.example.beta")

    assert (RAW.hex(), {"voip": RAW[::-1].hex(), "topic": "org.example.beta"}) == (token, details)
