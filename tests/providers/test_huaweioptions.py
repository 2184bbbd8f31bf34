"""
Huawei Push Kit: what an app may be like.
"""

import pytest

from pushsvc.config import ConfigurationError
from tests.providers.huaweisupport import ENDPOINT, GRANTED, SENT, makeHuawei, send, tableOf
from tests.standins.http import ScriptedHTTP, httpTo
from tests.standins.huawei import PROJECT


def test_versionsGoWithoutSaying(huaweiAccountFile, huawei, clock):
    """
    Whoever has a service account means v3, and whoever has a client id, v1.
    """
    for version in ("v3", "v1"):
        table = tableOf(version, huaweiAccountFile)
        del table["api-version"]
        send(makeHuawei(table, httpTo(huawei, clock), clock), clock)

    assert ["v3", "v1"] == [request["path"].split("/")[1] for request in huawei.asked("messages:send")]


ACCOUNT = "/dev/null"
CLIENT = {"client-id": "1", "client-secret": "s"}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({}, "service-account, or client-id with client-secret-file, is missing"),
        ({"client-id": "1"}, "client-secret-file"),
        ({"api-version": "v3"}, "service-account is missing: v3 takes nothing else"),
        ({"api-version": "v3", **CLIENT}, "service-account is missing: v3 takes nothing else"),
        ({"api-version": "v2", **CLIENT}, "project-id is missing"),
        ({"service-account": ACCOUNT, "client-secret": "s"}, "client-secret: there is a service-account"),
        ({"service-account": ACCOUNT, "client-secret-file": "s"}, "client-secret-file: there is a service-account"),
        ({"service-account": ACCOUNT, "token-endpoint": "https://x/"}, "token-endpoint: there is a service-account"),
        ({**CLIENT, "endpoint": "http://push.example"}, "endpoint: not an https URL"),
        ({**CLIENT, "token-endpoint": "http://oauth.example"}, "token-endpoint: not an https URL"),
        ({**CLIENT, "client-secret-file": "/dev/null"}, "client-secret and client-secret-file: one of them"),
        ({**CLIENT, "alert-body": "x" * 4000}, "alert-body"),
    ],
)
def test_optionsThatCannotWork(clock, table, why):
    """
    What cannot work is told at the start: MP-74, credentials do not travel in the clear.
    """
    with pytest.raises(ValueError, match=why):
        makeHuawei({"provider": "huawei", **table}, ScriptedHTTP(), clock)


def test_accountsThatDoNotFit(huaweiAccountFile, clock):
    """
    A service account knows its project; v1 wants the app's client id, too.
    """
    with pytest.raises(ValueError, match="project-id: the service-account is of another project"):
        makeHuawei(tableOf("v3", huaweiAccountFile), ScriptedHTTP(), clock, project_id="1")
    with pytest.raises(ValueError, match="client-id is missing"):
        makeHuawei(tableOf("v3", huaweiAccountFile), ScriptedHTTP(), clock, api_version="v1")
    with pytest.raises(ConfigurationError, match="category"):
        makeHuawei(tableOf("v3", huaweiAccountFile), ScriptedHTTP(), clock, category="im!")


@pytest.mark.parametrize("endpoint", [ENDPOINT, ENDPOINT + "/"])
def test_endpointOfItsOwn(huaweiAccountFile, clock, endpoint):
    """
    Another endpoint is taken as a base, with or without a slash at its end.
    """
    http = ScriptedHTTP(SENT)

    send(makeHuawei(tableOf("v3", huaweiAccountFile, endpoint), http, clock), clock)

    assert f"{ENDPOINT}/v3/{PROJECT}/messages:send" == http.requests[0].url


def test_networksOwnEndpoint(huaweiAccountFile, clock):
    """
    Huawei's own addresses go without saying.
    """
    table = {"provider": "huawei", **CLIENT}
    http = ScriptedHTTP(GRANTED, SENT)

    send(makeHuawei(table, http, clock), clock)

    assert [
        "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
        "https://push-api.cloud.huawei.com/v1/1/messages:send",
    ] == [request.url for request in http.requests]
