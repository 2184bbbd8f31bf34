"""
Firebase Cloud Messaging: what an app may be like.
"""

import json

import pytest

from pushsvc.config import ConfigurationError, build
from pushsvc.providers import fcm
from tests.providers.fcmsupport import ENDPOINT, SENT, granted, makeFCM, send
from tests.standins.certificates import rsaKey, serviceAccount
from tests.standins.http import ScriptedHTTP, httpTo


@pytest.fixture
def provider(account, google, clock):
    return makeFCM(account, httpTo(google, clock), clock)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        ("{", "not JSON"),
        ("[]", "service account"),
        ('{"type": "authorized_user"}', "service account"),
        (json.dumps({**serviceAccount("https://x/"), "private_key": "PRIVATE"}), "private_key cannot be used"),
        (json.dumps({**serviceAccount("https://x/"), "project_id": ""}), "project_id is missing"),
        (json.dumps({**serviceAccount("https://x/"), "client_email": 5}), "client_email is missing"),
        (json.dumps(serviceAccount("http://x/")), "token_uri is not an https URL"),
        (json.dumps(serviceAccount("https://")), "token_uri is not an https URL"),
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
        makeFCM(path, ScriptedHTTP(), clock)

    assert "PRIVATE" not in str(raised.value)
    assert rsaKey()[40:80] not in str(raised.value)


def test_endpointWithoutTLS(account, clock):
    """
    MP-74: credentials do not travel in the clear.
    """
    with pytest.raises(ValueError, match="endpoint"):
        makeFCM(account, ScriptedHTTP(), clock, endpoint="http://fcm.example")


def test_options():
    """
    An app of FCM needs its service account, and says so.
    """
    with pytest.raises(ConfigurationError, match=r"apps\.x\.service-account: is missing"):
        build(fcm.Options, {"provider": "fcm"}, "apps.x")


def test_endpointOfItsOwn(account, clock):
    """
    Another endpoint is taken as a base, with or without a slash at its end.
    """
    for endpoint in (ENDPOINT, ENDPOINT + "/"):
        http = ScriptedHTTP(granted(), SENT)
        send(makeFCM(account, http, clock, endpoint), clock)

        assert ENDPOINT + "/v1/projects/chatninja-1234/messages:send" == http.requests[1].url
