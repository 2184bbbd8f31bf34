"""
Huawei Push Kit: what is sent, by which version, and as whom.
"""

import json

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.apps import App
from pushsvc.config import ConfigurationError
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.dismissals import SUSPICIOUS
from pushsvc.errors import BadForm, ProviderDown, ProviderRefused
from pushsvc.exchange import NotTrusted, TimedOut
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IForms, IProviderKind
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary, Waiting
from pushsvc.providers import huawei
from tests.providers.contract import NOTIFICATION, targetOf
from tests.providers.huaweisupport import ENDPOINT, makeHuawei, tableOf
from tests.standins.certificates import rsaKey
from tests.standins.http import ScriptedHTTP, answer, httpTo
from tests.standins.huawei import CLIENT_ID, PROJECT, HuaweiStandIn, huaweiAccount, says, writeHuaweiAccount
from tests.support import resultOf

ALL = ["v1", "v2", "v3"]
SECRET = Encrypted("aXY=", "cGF5bG9hZA==", "voip")
SENT = answer(200, says("80000000")["body"])
GRANTED = answer(200, {"access_token": "T1", "expires_in": 3600})
TOLD = {
    "push-id": "push-1",
    "message-count": 3,
    "last-message-sender": "romeo@montague.example/orchard",
    "last-message-body": "Wherefore art thou?",
    "pending-subscription-count": 1,
    "last-subscription-sender": "paris@verona.example",
}


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """
    A service account's file.
    """
    return writeHuaweiAccount(tmp_path_factory.mktemp("account") / "service-account.json")


@pytest.fixture
def network(clock):
    return HuaweiStandIn(clock=clock.seconds)


@pytest.fixture
def make(account, network, clock):
    """
    An app of some version.
    """

    def make(version="v3", **more):
        return makeHuawei(tableOf(version, account), httpTo(network, clock), clock, **more)

    return make


def send(provider, clock, notification=NOTIFICATION, ttl=60, token="token-1", pushId="push-1"):
    return resultOf(provider.send(targetOf(token), notification, pushId, clock.seconds() + ttl))


def test_kind():
    """
    The module is a provider kind.
    """
    assert verifyObject(IProviderKind, huawei)
    assert "huawei" in kinds.names("providers")


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_send(make, network, clock, version):
    """
    v1 and v2: one data message, to the app or to its project, under a token that the client's secret obtained.
    """
    assert send(make(version), clock)

    asked, sent = network.requests
    whose = CLIENT_ID if version == "v1" else PROJECT
    assert f"/{version}/{whose}/messages:send" == sent["path"]
    assert ["/oauth2/v3/token"] == [asked["path"]]
    assert [{"to": "token-1", "data": TOLD, "android": {"urgency": "NORMAL", "ttl": "60s"}}] == network.pushes


def test_sendAlert(make, network, clock):
    """
    v3: what is to be shown is a notification of push type 0, to the project of the service account, under a token that
    its key has signed; nobody was asked for that token. Nothing of what people said is shown.
    """
    assert send(make(), clock)

    (sent,) = network.requests
    assert f"/v3/{PROJECT}/messages:send" == sent["path"]
    assert [
        {
            "to": "token-1",
            "push-type": "0",
            "data": TOLD,
            "options": {"ttl": 60},
            "shown": {
                "category": "IM",
                "title": "New message",
                "body": "Open the app to read it",
                "clickAction": {"actionType": 0, "data": TOLD},
                "foregroundShow": False,
                "appMessageId": "push-1",
            },
        }
    ] == network.pushes


@pytest.mark.parametrize(
    ("notification", "more", "pushType"),
    [
        (NOTIFICATION, {}, "0"),
        (Notification(priority=Priority.HIGH), {}, "0"),
        (Notification(encrypted=SECRET), {}, "0"),
        (Notification(summary=Summary(lastMessageBody="Hi")), {}, "0"),
        (Notification(), {}, "6"),
        (Notification(summary=Summary(3)), {}, "6"),
        (Notification(), {"without_body": "alert"}, "0"),
        (Notification(priority=Priority.LOW, summary=Summary(lastMessageBody="Hi")), {}, "6"),
        (Notification(Kind.CLEAR, Priority.HIGH), {"without_body": "alert"}, "6"),
        (Notification(Kind.CALL, Priority.HIGH), {}, "0"),
        (Notification(Kind.CALL), {"in_app_calls": True}, "10"),
    ],
)
def test_pushTypes(make, network, clock, notification, more, pushType):
    """
    v3: what there is to show is shown; of everything else, and of calls where Huawei lets it, the app learns alone.
    """
    network.rights.add("10")

    send(make(**more), clock, notification)

    (push,) = network.pushes
    assert pushType == push["push-type"]
    assert ("shown" in push) is (pushType == "0")
    assert {"push-id": "push-1"}.items() <= push["data"].items()
    assert (push["options"].get("backgroundMode") == 1) is (pushType == "6")


def test_texts(make, network, clock):
    """
    v3: an app has its own texts, or shows who wrote what.
    """
    send(make(alert_title="Chat", alert_body="Look", call_body="Ring", category="VOIP"), clock)
    send(make(alert_title="Chat", call_body="Ring"), clock, Notification(Kind.CALL))
    send(make(show_message=True), clock)
    send(make(show_message=True), clock, Notification(encrypted=SECRET))
    send(make(show_message=True), clock, Notification(summary=Summary(lastMessageBody="x" * 1000)))

    shown = [(push["shown"]["title"], push["shown"]["body"]) for push in network.pushes]
    assert [
        ("Chat", "Look"),
        ("Chat", "Ring"),
        ("romeo@montague.example", "Wherefore art thou?"),
        ("New message", "Open the app to read it"),
        ("New message", "x" * 200),
    ] == shown
    assert "VOIP" == network.pushes[0]["shown"]["category"]


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("kind", ["call", "clear"])
def test_E16_kinds(make, network, clock, version, kind):
    """
    E16, E18: what is not a message says what it is.
    """
    send(make(version), clock, Notification(Kind(kind), summary=Summary(0)))

    assert {"push-id": "push-1", "kind": kind, "message-count": 0} == network.pushes[0]["data"]


@pytest.mark.parametrize("version", ALL)
def test_E12_encrypted(make, network, clock, version):
    """
    E12: an end-to-end encrypted payload is handed on as it came.
    """
    send(make(version), clock, Notification(encrypted=SECRET))

    assert {
        "push-id": "push-1",
        "encrypted-iv": "aXY=",
        "encrypted-payload": "cGF5bG9hZA==",
        "encrypted-type": "voip",
    } == network.pushes[0]["data"]


def test_E8_urgency(make, network, clock):
    """
    E8: data messages of high urgency are for apps that Huawei has granted them to.
    """
    network.rights.add("urgent")
    for urgent in (True, False):
        for priority in (Priority.HIGH, Priority.NORMAL):
            send(make("v1", urgent=urgent, category="IM"), clock, Notification(priority=priority))

    assert ["HIGH", "NORMAL", "NORMAL", "NORMAL"] == [push["android"]["urgency"] for push in network.pushes]
    assert {"IM"} == {push["android"]["category"] for push in network.pushes}


def test_E8_rightsThatAreNotGranted(make, clock):
    """
    E8: what Huawei has not granted is the operator's move, and no phone's fault.
    """
    with pytest.raises(ProviderRefused, match="80300011"):
        send(make("v1", urgent=True), clock)
    with pytest.raises(ProviderRefused, match="80300007 noPushTypeRight"):
        send(make("v3", in_app_calls=True), clock, Notification(Kind.CALL))


@pytest.mark.parametrize(("ttl", "said"), [(86400, 86400), (59.9, 59), (0.5, 1), (-5, 1), (1e12, 1_296_000)])
def test_ttl(make, network, clock, ttl, said):
    """
    Huawei keeps it for as long as anybody wants it, within its own bounds; what has no time left gets a second.
    """
    for version in ALL:
        send(make(version), clock, ttl=ttl)

    one, two, three = network.pushes
    assert [f"{said}s"] * 2 == [one["android"]["ttl"], two["android"]["ttl"]]
    assert said == three["options"]["ttl"]


def test_ringing(make, network, clock):
    """
    v3: a phone that was off does not ring for a call of yesterday.
    """
    send(make(), clock, Notification(Kind.CALL), ttl=86400)

    assert 60 == network.pushes[0]["options"]["ttl"]


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    ("summary", "left"),
    [
        (Summary(3, lastMessageSender="romeo@example.org", lastMessageBody="ü" * 2048), {"last-message-sender"}),
        (Summary(3, lastMessageSender="x" * 4096, lastMessageBody="Hi"), set()),
    ],
)
def test_E10_sizes(make, network, clock, version, summary, left):
    """
    E10: of what is too large for Huawei goes what fits: first the body is left out, then the senders.
    """
    send(make(version, **({"show_message": True} if version == "v3" else {})), clock, Notification(summary=summary))

    assert {"push-id", "message-count"} | left == set(network.pushes[0]["data"])


@pytest.mark.parametrize("version", ALL)
def test_E10_tokensDoNotCount(make, network, clock, version):
    """
    E10: the limit is for what goes with the token.
    """
    send(make(version), clock, Notification(summary=Summary(lastMessageBody="x" * 3000)), token="t" * 4000)

    assert "x" * 3000 == network.pushes[0]["data"]["last-message-body"]


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("shape", [{}, {"alert_body": "ü" * 100, "in_app_calls": True, "category": "VOIP"}])
def test_C21_payloadSize(make, network, clock, version, shape):
    """
    C21: an encrypted payload of the size that discovery tells arrives whole.
    """
    network.rights.add("10")
    provider = make(version, **shape)
    for kind in (Kind.CALL, Kind.MESSAGE):
        payload = Encrypted("A" * 16, "x" * provider.payloadSize, "voip")
        send(provider, clock, Notification(kind, encrypted=payload), 1e9, pushId="00000000-0000-0000-0000-000000000000")

    assert [provider.payloadSize] * 2 == [len(push["data"]["encrypted-payload"]) for push in network.pushes]
    assert 3000 < provider.payloadSize


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_withAServiceAccount(account, network, clock, version):
    """
    v1 and v2 take a service account, too.
    """
    table = {k: v for k, v in tableOf("v3", account).items() if k != "api-version"} | {"api-version": version}
    table |= {"client-id": CLIENT_ID} if version == "v1" else {}

    send(makeHuawei(table, httpTo(network, clock), clock), clock)

    assert [f"/{version}/{CLIENT_ID if version == 'v1' else PROJECT}/messages:send"] == [
        request["path"] for request in network.requests
    ]


def test_versionsGoWithoutSaying(account, network, clock):
    """
    Whoever has a service account means v3, and whoever has a client id, v1.
    """
    for version in ("v3", "v1"):
        table = tableOf(version, account)
        del table["api-version"]
        send(makeHuawei(table, httpTo(network, clock), clock), clock)

    assert ["v3", "v1"] == [request["path"].split("/")[1] for request in network.asked("messages:send")]


def test_register(make):
    """
    A device registers with its token.
    """
    assert ("token-1", {}) == make().readTarget(Fields({"token": (" token-1 ",)}))
    assert not make().speaksFor(Fields({"topic": ("a",)}))
    assert "chatninja" == make().lane(targetOf("token-1"))


def test_form(make):
    """
    Whoever asks is told what there is to say.
    """
    assert verifyObject(IForms, make())
    assert {} == make().facts()
    assert [("token", True)] == [(field.var, field.required) for field in make().form()]


@pytest.mark.parametrize("fields", [{}, {"token": ("",)}, {"token": ("a", "b")}, {"token": ("a\nb",)}])
def test_registerRefuses(make, fields):
    """
    What cannot be a token is told to who registers, not to Huawei.
    """
    with pytest.raises(BadForm):
        make().readTarget(Fields(fields))


@pytest.mark.parametrize("version", ALL)
def test_oneTokenOfOurs(make, network, clock, version):
    """
    The token under which we speak is used again for the better part of an hour.
    """
    provider = make(version)
    seen = []
    for passed in (0, 2900, 600, 100):
        clock.advance(passed)
        send(provider, clock)
        seen.append(network.requests[-1]["headers"]["authorization"])

    first, second, third, fourth = seen
    assert first == second
    assert third == fourth
    assert first != third


def test_accessTokenExpiredEarly(make, network, clock):
    """
    80200003: an access token that Huawei does not take any more is renewed once, and the push repeated.
    """
    provider = make("v1")
    send(provider, clock)
    network.tokensExpire()

    assert send(provider, clock)
    assert (2, 3, 2) == (
        len(network.asked("/token")),
        len(network.asked("messages:send")),
        len(network.pushes),
    )


def test_signedTokenExpiredEarly(make, network, clock):
    """
    80200005: so is one that we have signed ourselves.
    """
    provider = make()
    send(provider, clock)
    network.script.append(says("80200005", "Jwt token expired"))

    assert send(provider, clock)
    assert 3 == len(network.requests)
    assert network.requests[1]["headers"]["authorization"] != network.requests[2]["headers"]["authorization"]


def test_clockThatWasPutRight(account, clock):
    """
    A token of ours that was signed in what turned out to be the future is not used again.
    """
    http = ScriptedHTTP(SENT, SENT)
    provider = makeHuawei(tableOf("v3", account), http, clock)
    send(provider, clock)
    clock.rightNow -= 86400
    send(provider, clock)

    assert http.requests[0].headers["Authorization"] != http.requests[1].headers["Authorization"]


@pytest.mark.parametrize("code", ["80200003", "80200005", None])
def test_tokenNeverTaken(account, clock, code):
    """
    When Huawei does not take the new one either, it is the operator's move, and not asked a third time.
    """
    refused = answer(401) if code is None else answer(200, says(code)["body"])
    http = ScriptedHTTP(GRANTED, refused, GRANTED, refused)

    with pytest.raises(ProviderRefused, match=code or "401"):
        send(makeHuawei(tableOf("v1", account), http, clock), clock)

    assert [] == http.answers


def test_wrongSecret(account, clock):
    """
    A secret that is not the client's is the operator's move, as Huawei words it.
    """
    http = ScriptedHTTP(answer(400, {"error": 1101, "sub_error": 20044, "error_description": "s3cret"}))

    with pytest.raises(ProviderRefused, match=r"^token endpoint: 400$"):
        send(makeHuawei(tableOf("v1", account), http, clock), clock)


def test_otherCredentials(network, tmp_path, clock):
    """
    A key that is not the service account's, and a project that is not its own, are the operator's move.
    """
    for more in ({"sub_account": "1"}, {"key_id": "1"}, {"token_uri": "https://x.example/"}, {"project_id": "1"}):
        path = tmp_path / "account.json"
        path.write_text(json.dumps(huaweiAccount(**more)))

        with pytest.raises(ProviderRefused, match=r"80200001|80300002"):
            send(makeHuawei(tableOf("v3", path), httpTo(network, clock), clock), clock)


class Forgotten:
    """
    What is told of devices that are gone.
    """

    def __init__(self):
        self.tokens = []

    async def gone(self, target, since):
        self.tokens.append(target.token)


@pytest.mark.parametrize("version", ["v1", "v3"])
def test_wrongAppForgetsFew(make, clock, version, logEvents):
    """
    80300007: to another app's credentials every token is invalid; after the first few nobody is believed to be gone,
    and the operator is told.
    """
    forgotten = Forgotten()
    app = App("chatninja", "chatninja", "huawei", make(version), "push.example.org", "push.example.org")
    attempts = Attempts({"chatninja": app}, forgotten, clock)

    verdicts = []
    for number in range(50):
        target = targetOf(f"moved-{number}")
        waiting = Waiting(target, Notification(), "push-1", "chatninja", clock.seconds() + 60, clock.seconds())
        verdicts.append(resultOf(attempts.attempt(waiting)).word)

    assert ["gone"] * (SUSPICIOUS - 1) == verdicts[: SUSPICIOUS - 1]
    assert {"doubted"} == set(verdicts[SUSPICIOUS - 1 :])
    assert SUSPICIOUS - 1 == len(forgotten.tokens)
    assert any("disowns most devices" in event["log_format"] for event in logEvents if "log_format" in event)


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("code", ["80100016", "80100018"])
def test_whatHuaweiDoesNotLikeToRead(make, network, clock, version, code):
    """
    When Huawei withholds a push for what somebody wrote, the phone is woken without it.
    """
    network.script.append(says(code, "sensitive"))

    assert send(make(version), clock)

    assert {"push-id", "message-count", "pending-subscription-count"} == set(network.pushes[0]["data"])


@pytest.mark.parametrize("version", ALL)
def test_whatHuaweiDoesNotLikeAtAll(make, network, clock, version):
    """
    What is withheld although it tells nothing will not be delivered, and the device is none the worse for it.
    """
    network.script += [says("80100016")] * 3

    assert send(make(version), clock, Notification()) is False
    assert send(make(version), clock) is False
    assert [] == network.pushes == network.script


@pytest.mark.parametrize("version", ALL)
def test_check(make, network, version):
    """
    Checking asks for a device that there cannot be; nobody is disturbed.
    """
    resultOf(make(version).check())

    assert [] == network.pushes
    sent = network.requests[-1]
    assert "nobody" in json.dumps(sent["body"])
    assert sent["headers"]["push-type"] == "6" if version == "v3" else sent["body"]["validate_only"] is True


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (answer(200, says("80200001")["body"]), ProviderRefused),
        (answer(200, says("80300002")["body"]), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(502), ProviderDown),
        (TimedOut("no answer in time"), ProviderDown),
        (NotTrusted("the certificate is not trusted"), ProviderRefused),
    ],
)
@pytest.mark.parametrize("version", ALL)
def test_checkFails(account, clock, version, last, error):
    """
    Checking tells credentials that are not taken from a network that is down.
    """
    http = ScriptedHTTP(*([] if version == "v3" else [GRANTED]), last)

    with pytest.raises(error):
        resultOf(makeHuawei(tableOf(version, account), http, clock).check())


def test_checkSucceedsAnyway(account, clock):
    """
    Should Huawei take the impossible device for one, the credentials are right all the same.
    """
    resultOf(makeHuawei(tableOf("v3", account), ScriptedHTTP(SENT), clock).check())


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


def test_accountsThatDoNotFit(account, clock):
    """
    A service account knows its project; v1 wants the app's client id, too.
    """
    with pytest.raises(ValueError, match="project-id: the service-account is of another project"):
        makeHuawei(tableOf("v3", account), ScriptedHTTP(), clock, project_id="1")
    with pytest.raises(ValueError, match="client-id is missing"):
        makeHuawei(tableOf("v3", account), ScriptedHTTP(), clock, api_version="v1")
    with pytest.raises(ConfigurationError, match="category"):
        makeHuawei(tableOf("v3", account), ScriptedHTTP(), clock, category="im!")


@pytest.mark.parametrize("endpoint", [ENDPOINT, ENDPOINT + "/"])
def test_endpointOfItsOwn(account, clock, endpoint):
    """
    Another endpoint is taken as a base, with or without a slash at its end.
    """
    http = ScriptedHTTP(SENT)

    send(makeHuawei(tableOf("v3", account, endpoint), http, clock), clock)

    assert f"{ENDPOINT}/v3/{PROJECT}/messages:send" == http.requests[0].url


def test_networksOwnEndpoint(account, clock):
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
