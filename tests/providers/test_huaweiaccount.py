"""
Huawei Push Kit: as whom we speak, and for how long.
"""

import json

import pytest

from pushsvc.errors import ProviderRefused
from tests.providers.huaweisupport import ALL, GRANTED, SENT, makeHuawei, send, tableOf
from tests.standins.certificates import rsaKey
from tests.standins.http import ScriptedHTTP, answer, httpTo
from tests.standins.huawei import CLIENT_ID, PROJECT, huaweiAccount, says


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_withAServiceAccount(huaweiAccountFile, huawei, clock, version):
    """
    v1 and v2 take a service account, too.
    """
    table = {k: v for k, v in tableOf("v3", huaweiAccountFile).items() if k != "api-version"} | {"api-version": version}
    table |= {"client-id": CLIENT_ID} if version == "v1" else {}

    send(makeHuawei(table, httpTo(huawei, clock), clock), clock)

    assert [f"/{version}/{CLIENT_ID if version == 'v1' else PROJECT}/messages:send"] == [
        request["path"] for request in huawei.requests
    ]


@pytest.mark.parametrize("version", ALL)
def test_oneTokenOfOurs(huaweiApp, huawei, clock, version):
    """
    The token under which we speak is used again for the better part of an hour.
    """
    provider = huaweiApp(version)
    seen = []
    for passed in (0, 2900, 600, 100):
        clock.advance(passed)
        send(provider, clock)
        seen.append(huawei.requests[-1]["headers"]["authorization"])

    first, second, third, fourth = seen
    assert first == second
    assert third == fourth
    assert first != third


def test_accessTokenExpiredEarly(huaweiApp, huawei, clock):
    """
    80200003: an access token that Huawei does not take any more is renewed once, and the push repeated.
    """
    provider = huaweiApp("v1")
    send(provider, clock)
    huawei.tokensExpire()

    assert send(provider, clock)
    assert (2, 3, 2) == (
        len(huawei.asked("/token")),
        len(huawei.asked("messages:send")),
        len(huawei.pushes),
    )


def test_signedTokenExpiredEarly(huaweiApp, huawei, clock):
    """
    80200005: so is one that we have signed ourselves.
    """
    provider = huaweiApp()
    send(provider, clock)
    huawei.script.append(says("80200005", "Jwt token expired"))

    assert send(provider, clock)
    assert 3 == len(huawei.requests)
    assert huawei.requests[1]["headers"]["authorization"] != huawei.requests[2]["headers"]["authorization"]


def test_clockThatWasPutRight(huaweiAccountFile, clock):
    """
    A token of ours that was signed in what turned out to be the future is not used again.
    """
    http = ScriptedHTTP(SENT, SENT)
    provider = makeHuawei(tableOf("v3", huaweiAccountFile), http, clock)
    send(provider, clock)
    clock.rightNow -= 86400
    send(provider, clock)

    assert http.requests[0].headers["Authorization"] != http.requests[1].headers["Authorization"]


@pytest.mark.parametrize("code", ["80200003", "80200005", None])
def test_tokenNeverTaken(huaweiAccountFile, clock, code):
    """
    When Huawei does not take the new one either, it is the operator's move, and not asked a third time.
    """
    refused = answer(401) if code is None else answer(200, says(code)["body"])
    http = ScriptedHTTP(GRANTED, refused, GRANTED, refused)

    with pytest.raises(ProviderRefused, match=code or "401"):
        send(makeHuawei(tableOf("v1", huaweiAccountFile), http, clock), clock)

    assert [] == http.answers


def test_wrongSecret(huaweiAccountFile, clock):
    """
    A secret that is not the client's is the operator's move, as Huawei words it.
    """
    http = ScriptedHTTP(answer(400, {"error": 1101, "sub_error": 20044, "error_description": "s3cret"}))

    with pytest.raises(ProviderRefused, match=r"^token endpoint: 400$"):
        send(makeHuawei(tableOf("v1", huaweiAccountFile), http, clock), clock)


def test_otherCredentials(huawei, tmp_path, clock):
    """
    A key that is not the service account's, and a project that is not its own, are the operator's move.
    """
    for more in ({"sub_account": "1"}, {"key_id": "1"}, {"token_uri": "https://x.example/"}, {"project_id": "1"}):
        path = tmp_path / "account.json"
        path.write_text(json.dumps(huaweiAccount(**more)))

        with pytest.raises(ProviderRefused, match=r"80200001|80300002"):
            send(makeHuawei(tableOf("v3", path), httpTo(huawei, clock), clock), clock)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        ("{", "not JSON"),
        ("[]", "no sub_account"),
        (json.dumps({"type": "service_account", "client_email": "a@b"}), "no sub_account"),
        (json.dumps(huaweiAccount(private_key="PRIVATE")), "private_key cannot be used"),
        (json.dumps(huaweiAccount(project_id="")), "project_id is missing"),
        (json.dumps(huaweiAccount(key_id=None)), "key_id is missing"),
        (json.dumps(huaweiAccount(sub_account=5)), "sub_account is missing"),
        (json.dumps(huaweiAccount(token_uri="http://x/")), "token_uri is not an https URL"),
    ],
    ids=range(9),
)
def test_filesThatCannotWork(tmp_path, clock, content, why):
    """
    A service account that cannot work is told at the start, with the file and the reason, and without the key.
    """
    path = tmp_path / "account.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ValueError, match=f"^service-account: .*account.json: .*{why}") as raised:
        makeHuawei(tableOf("v3", path), ScriptedHTTP(), clock)

    assert "PRIVATE" not in str(raised.value)
    assert rsaKey()[40:80] not in str(raised.value)
