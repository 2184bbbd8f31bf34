"""
The stand-in for Huawei takes nothing that Huawei would not take.
"""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from pushsvc.exchange import Request
from tests.standins.certificates import rsaKey
from tests.standins.http import httpTo
from tests.standins.huawei import PROJECT, HuaweiStandIn, huaweiAccount
from tests.support import resultOf

ALERT = {
    "notification": {
        "category": "IM",
        "title": "a",
        "body": "b",
        "clickAction": {"actionType": 0, "data": {}},
        "appMessageId": "1",
    }
}
GOOD = {"payload": ALERT, "pushOptions": {"ttl": 60}, "target": {"token": ["t"]}}
ANOTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def network(clock):
    return HuaweiStandIn(clock=clock.seconds)


def signed(clock, algorithm="PS256", key=None, kid=None, **more):
    account, now = huaweiAccount(), int(clock.seconds())
    claims = {"iss": account["sub_account"], "aud": account["token_uri"], "iat": now, "exp": now + 3600, **more}
    return jwt.encode(claims, key or rsaKey(), algorithm=algorithm, headers={"kid": kid or account["key_id"]})


def code(network, clock, token, body=GOOD, pushType="0"):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "push-type": pushType}
    url = f"https://push-api.example/v3/{PROJECT}/messages:send"
    request = Request("POST", url, headers, json.dumps(body).encode())
    return resultOf(httpTo(network, clock).request(request)).json()["code"]


def test_good(network, clock):
    """
    What is as it should be is taken.
    """
    assert "80000000" == code(network, clock, signed(clock))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"algorithm": "RS256"}, "80200001"),
        ({"algorithm": "PS384"}, "80200001"),
        ({"key": ANOTHER}, "80200001"),
        ({"kid": "another"}, "80200001"),
        ({"iss": "another"}, "80200001"),
        ({"aud": "https://another.example/"}, "80200001"),
        ({"exp": 1_790_000_000 - 1}, "80200005"),
        ({"iat": 1_790_000_000 + 600}, "80200005"),
        ({"exp": 1_790_000_000 + 90_000}, "80300036"),
    ],
)
def test_badTokens(network, clock, more, said):
    """
    Tokens are verified: who signed them, how, for whom and for how long.
    """
    assert said == code(network, clock, signed(clock, **more))
    assert [] == network.pushes


def test_tampered(network, clock):
    """
    A signature is one of what is signed.
    """
    head, _, signature = signed(clock).split(".")
    claims = signed(clock, sub="x").split(".")[1]

    assert "80200001" == code(network, clock, f"{head}.{claims}.{signature}")


def alert(**more):
    return {**GOOD, "payload": {"notification": {**ALERT["notification"], **more}}}


@pytest.mark.parametrize(
    ("body", "pushType", "said"),
    [
        (alert(title=""), "0", "80100003"),
        (alert(body=None), "0", "80100003"),
        (alert(category=None), "0", "80100003"),
        (alert(clickAction={}), "0", "80100003"),
        (alert(appMessageId="x" * 65), "0", "80100003"),
        (alert(unknown=1), "0", "80100003"),
        (alert(foregroundShow="false"), "0", "80100003"),
        (GOOD, "6", "80100003"),
        (GOOD, "", "80100001"),
        ({**GOOD, "payload": {"extraData": {}}}, "6", "80100003"),
        ({**GOOD, "pushOptions": {"ttl": "60s"}}, "0", "80100003"),
        ({**GOOD, "pushOptions": {"ttl": 0}}, "0", "80100004"),
        ({**GOOD, "target": {"token": []}}, "0", "80300010"),
        ({**GOOD, "target": {"token": "t"}}, "0", "80300010"),
        ({**GOOD, "message": {}}, "0", "80100003"),
        (alert(body="x" * 4096), "0", "80300008"),
        ({**GOOD, "payload": {"extraData": "{}"}}, "10", "80300007"),
    ],
)
def test_badBodies(network, clock, body, pushType, said):
    """
    So is every body.
    """
    assert said == code(network, clock, signed(clock), body, pushType)
    assert [] == network.pushes
