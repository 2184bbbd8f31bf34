"""
Whatever a network says of our credentials, no device loses its registration for it: a wrong key would cost all of them.
"""

import pytest

from pushsvc import kinds
from pushsvc.errors import ProviderRefused, Refused
from pushsvc.model import Notification
from tests.providers.apnssupport import DEVICE, makeAPNs
from tests.providers.contract import targetOf
from tests.providers.fcmsupport import granted, makeFCM
from tests.providers.huaweisupport import makeHuawei, tableOf
from tests.providers.mongoosepushsupport import makeMongoosePush
from tests.providers.mozillasupport import makeMozilla
from tests.providers.ubuntusupport import device, makeUbuntu
from tests.providers.webhooksupport import makeWebhook
from tests.providers.webpushsupport import makeWebPush
from tests.providers.webpushsupport import targetOf as subscribed
from tests.providers.wnssupport import CHANNEL, makeWNS
from tests.standins.fcm import fcmError
from tests.standins.http import ScriptedHTTP, answer
from tests.standins.huawei import says
from tests.standins.mongoosepush import details
from tests.standins.webpush import Browser
from tests.support import resultOf

HUAWEI = ("80200001", "80200003", "80200005", "80300002", "80300011", "80300036", "80600003", "80200099")
MONGOOSEPUSH = ("InvalidProviderToken", "BadCertificate", "APNS_AUTH_ERROR", "THIRD_PARTY_AUTH_ERROR", "Forbidden")
APNS = ("InvalidProviderToken", "ExpiredProviderToken", "MissingProviderToken", "Forbidden", "BadCertificate", "New")
# By status alone; then in each network's own words.
STATUSES = [answer(status, body) for status in (401, 403) for body in (b"", "<html>", {"error": "gone"})]
WORDS = {
    "apns": [answer(403, {"reason": reason}) for reason in APNS],
    "fcm": [
        answer(401, fcmError(401, "UNAUTHENTICATED")["body"]),
        answer(401, fcmError(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR")["body"]),
        answer(403, fcmError(403, "PERMISSION_DENIED")["body"]),
        answer(404, fcmError(404, "NOT_FOUND")["body"]),
    ],
    "huawei": [answer(status, says(code)["body"]) for code in HUAWEI for status in (200, 401)],
    "mongoosepush": [answer(500, details(word)["body"]) for word in MONGOOSEPUSH],
    "mozilla": [answer(status, {"errno": 109}) for status in (401, 403)],
    # What has this label is about the token: nobody has credentials there.
    "ubuntu": [answer(403, {"error": "unauthorized"})],
    "webhook": [],
    "webpush": [
        *(answer(status, {"errno": 109}) for status in (401, 403)),
        *(answer(403, {"reason": reason}) for reason in ("BadJwtToken", "ExpiredJwtToken", "VapidPkHashMismatch")),
        answer(400, "<TITLE>UnauthorizedRegistration</TITLE>"),
    ],
    "wns": [answer(status, b"", x_wns_status="dropped") for status in (401, 403, 407)],
}
GRANTS = [
    answer(status, {"error": word})
    for status in (400, 401, 403, 404, 410)
    for word in ("invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client", "gone")
]
# Those that are spoken to under a token.
GRANTED = ("fcm", "huawei", "wns")


@pytest.fixture
def apps(account, tmp_path, clock):
    """
    By network: how to make an app of it, and one of its devices.
    """
    return {
        "apns": (lambda http: makeAPNs(http, clock), targetOf(DEVICE)),
        "fcm": (lambda http: makeFCM(account, http, clock), targetOf("token-1")),
        "huawei": (lambda http: makeHuawei(tableOf("v1", account), http, clock), targetOf("token-1")),
        "mongoosepush": (lambda http: makeMongoosePush(http, clock), targetOf("token-1", service="apns")),
        "mozilla": (lambda http: makeMozilla(tmp_path, http, clock), targetOf("phone")),
        "ubuntu": (lambda http: makeUbuntu(http, clock), device()),
        "webhook": (lambda http: makeWebhook(http, clock), targetOf("https://hooks.example/x")),
        "webpush": (lambda http: makeWebPush(http, clock), subscribed(Browser("https://push.example"))),
        "wns": (lambda http: makeWNS(http, clock), CHANNEL),
    }


def met(app, clock, *answers):
    """
    What a push comes to.
    """
    make, target = app
    with pytest.raises(Exception) as raised:
        resultOf(make(ScriptedHTTP(*answers)).send(target, Notification(), "push-1", clock.seconds() + 60))
    return type(raised.value)


def test_everyNetworkIsHere():
    """
    Every network is asked: but for those that know no credentials, or have tests of their own for what says no.
    """
    assert set(WORDS) == set(kinds.names("providers")) - {"demo", "pubsub"}


@pytest.mark.parametrize(("kind", "said"), [(kind, said) for kind in WORDS for said in (*STATUSES, *WORDS[kind])])
def test_noDeviceIsGone(apps, clock, kind, said):
    """
    A push that is refused for who we are waits for the operator, or is dropped; its device stays.
    """
    # What is about our own token is asked twice.
    answers = (granted("T1"), said, granted("T2"), said) if kind in GRANTED else (said, said)

    assert met(apps[kind], clock, *answers) in (ProviderRefused, Refused)


@pytest.mark.parametrize("said", GRANTS, ids=lambda said: f"{said.status} {said.json()['error']}")
@pytest.mark.parametrize("kind", GRANTED)
def test_noDeviceIsGoneWhereWeGetNoToken(apps, clock, kind, said):
    """
    Nor is one when we are not even given a token: that is always the operator's move.
    """
    assert met(apps[kind], clock, said) is ProviderRefused
