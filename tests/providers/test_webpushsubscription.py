"""
Web Push: how a device registers.
"""

import contextlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.providers.webpush import KEY_FIELD
from tests.providers.webpushsupport import makeWebPush
from tests.standins.http import ScriptedHTTP
from tests.standins.webpush import Browser

BROWSER = Browser("https://push.example")


def fieldsOf(**values):
    return Fields({name.replace("_", "-"): (value,) for name, value in values.items()})


def test_aSubscription(clock):
    """
    A device registers with endpoint, public key and secret; or with all that as the browser writes it.
    """
    provider = makeWebPush(ScriptedHTTP(), clock)

    byFields = provider.readTarget(fieldsOf(endpoint=BROWSER.endpoint, p256dh=BROWSER.p256dh, auth=BROWSER.auth))
    atOnce = provider.readTarget(fieldsOf(subscription=BROWSER.subscription()))

    assert (BROWSER.endpoint, {"p256dh": BROWSER.p256dh, "auth": BROWSER.auth}) == byFields == atOnce


def test_keysAreKeptInOneSpelling(clock):
    """
    However keys are spelt, they are the same keys.
    """
    p256dh = BROWSER.p256dh.replace("-", "+").replace("_", "/") + "="
    fields = fieldsOf(endpoint=BROWSER.endpoint, p256dh=f" {p256dh}\n", auth=BROWSER.auth + "==")

    assert {"p256dh": BROWSER.p256dh, "auth": BROWSER.auth} == makeWebPush(ScriptedHTTP(), clock).readTarget(fields)[1]


GOOD = {"endpoint": BROWSER.endpoint, "p256dh": BROWSER.p256dh, "auth": BROWSER.auth}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"endpoint": ""}, "endpoint is missing"),
        ({"p256dh": ""}, "p256dh is missing"),
        ({"auth": ""}, "auth is missing"),
        ({"endpoint": "https://127.0.0.1/secret"}, "endpoint: not at a public address"),
        ({"endpoint": "http://push.example/secret"}, "endpoint: not an https URL"),
        ({"p256dh": "secret"}, "p256dh: not a public key"),
        ({"p256dh": BROWSER.auth}, "p256dh: not a public key"),
        ({"auth": BROWSER.p256dh}, "auth: not 16 bytes"),
        ({"auth": "secret"}, "auth: not 16 bytes"),
        ({"subscription": BROWSER.subscription()}, "one of them"),
        ({KEY_FIELD: "secret"}, "for another key than ours"),
    ],
)
def test_whatIsNoSubscription(clock, change, complaint):
    """
    What cannot be pushed to is refused when the device registers, and the client is told why.
    """
    fields = Fields({name: (value,) for name, value in {**GOOD, **change}.items()})

    with pytest.raises(BadForm, match=re.escape(complaint)) as raised:
        makeWebPush(ScriptedHTTP(), clock).readTarget(fields)

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"keys": 1}',
        '{"keys": {}}',
        json.dumps({"endpoint": 1, "keys": {"p256dh": "a", "auth": "b"}}),
        json.dumps({"endpoint": "https://push.example/", "keys": {"p256dh": ["a"], "auth": "b"}}),
        json.dumps({"endpoint": "https://push.example/", "keys": {"p256dh": "a"}}),
        "[" * 3000,
        " " * 5000 + "{}",
    ],
)
def test_whatIsNoSubscriptionInJSON(clock, text):
    """
    The same for one that is written as JSON.
    """
    with pytest.raises(BadForm, match=r"subscription"):
        makeWebPush(ScriptedHTTP(), clock).readTarget(fieldsOf(subscription=text))


json_ = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["endpoint", "keys", "p256dh", "auth", "x"]), inner, max_size=4),
    ),
    max_leaves=8,
)


@given(st.one_of(st.text(max_size=50), json_.map(json.dumps)))
def test_anythingIsReadOrRefused(text):
    """
    Whatever comes as a subscription is refused in words, or can be pushed to.
    """
    with contextlib.suppress(BadForm):
        makeWebPush(ScriptedHTTP(), Clock()).readTarget(Fields({"subscription": (text,)}))


def test_theKeyIsTold(clock, vapid):
    """
    Whoever wants to register is told the public key that subscriptions are to be made for; who names another has not
    listened, and who names ours means this app.
    """
    file, key = vapid
    provider = makeWebPush(ScriptedHTTP(), clock, vapid_key_file=str(file))

    assert {KEY_FIELD: key} == provider.facts()
    assert [(KEY_FIELD, (key,))] == [(f.var, f.values) for f in provider.form() if f.type == "fixed"]
    assert ["endpoint", "p256dh", "auth", "subscription"] == [f.var for f in provider.form() if f.type != "fixed"]
    assert provider.speaksFor(fieldsOf(vapid_public_key=key))
    assert not provider.speaksFor(fieldsOf(vapid_public_key="other"))
    assert provider.readTarget(Fields({KEY_FIELD: (key,), **{name: (value,) for name, value in GOOD.items()}}))
    assert {} == makeWebPush(ScriptedHTTP(), clock).facts()
