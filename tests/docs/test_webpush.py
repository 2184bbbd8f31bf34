"""
What the pages on Web Push and webhooks say, tried out.
"""

import importlib.util
import subprocess
from typing import Any
from uuid import uuid4

import pytest
from twisted.internet.task import Clock

from pushsvc.config import build
from pushsvc.exchange import Response
from pushsvc.model import Notification, Summary, Target
from pushsvc.providers import webhook, webpush
from tests.docs.pages import commands, write
from tests.standins.http import ScriptedHTTP
from tests.support import resultOf

SECRET = "a secret that nobody knows"


def test_theKey(tmp_path):
    """
    The commands of the page make a key that the provider takes, and say the public half as it does.
    """
    file = tmp_path / "vapid.key"
    make, show = (command.replace("/etc/pushsvc/vapid.key", str(file)) for command in commands("howto/webpush"))

    subprocess.run(make, shell=True, check=True, capture_output=True, timeout=120)
    shown = subprocess.run(show, shell=True, check=True, capture_output=True, text=True, timeout=120).stdout

    table = {"provider": "webpush", "vapid-key-file": str(file), "subject": "mailto:push@example.org"}
    provider = webpush.makeProvider("web", build(webpush.Options, table, "apps.web"), ScriptedHTTP(), Clock())
    assert {"vapid-public-key": shown.strip()} == provider.facts()


@pytest.fixture
def received(tmp_path) -> Any:
    """
    The page's receiver.
    """
    (file,) = write("reference/webhooks", tmp_path)
    spec = importlib.util.spec_from_file_location("receiver", file)
    receiver: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(receiver)
    return receiver.received


def test_theReceiver(received, clock, monkeypatch):
    """
    The receiver of the page takes what the provider sends, and nothing else: nothing that was changed, nothing from
    somebody else, and nothing old.
    """
    http = ScriptedHTTP(Response(204))
    table = {"provider": "webhook", "signing-secret": SECRET}
    provider = webhook.makeProvider("hooks", build(webhook.Options, table, "apps.hooks"), http, clock)
    target = Target("node", "hooks", "https://hooks.example/secret")
    pushId = str(uuid4())
    resultOf(provider.send(target, Notification(summary=Summary(lastMessageBody="Wherefore?")), pushId, 0.0))
    (request,) = http.requests
    monkeypatch.setattr("time.time", clock.seconds)

    said = received(SECRET, request.headers, request.body)

    assert (pushId, "Wherefore?") == (said["push-id"], said["last-message-body"])
    assert received("another secret", request.headers, request.body) is None
    assert received(SECRET, request.headers, request.body.replace(b"Where", b"There")) is None
    assert received(SECRET, {**request.headers, "webhook-id": str(uuid4())}, request.body) is None
    assert received(SECRET, {**request.headers, "webhook-timestamp": "1"}, request.body) is None
    clock.advance(301)
    assert received(SECRET, request.headers, request.body) is None
