"""
What webhooks' tests say often.
"""

from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import webhook

SECRET = "a secret that nobody knows"


def makeWebhook(http: IHTTP, clock: IReactorTime, deadline: float = webhook.DEADLINE, **keys: Any) -> webhook.Webhook:
    """
    The provider of the app hooks.
    """
    table = {"provider": "webhook", "signing-secret": SECRET}
    table |= {name.replace("_", "-"): value for name, value in keys.items()}
    table = {name: value for name, value in table.items() if value is not None}
    return webhook.makeProvider("hooks", build(webhook.Options, table, "apps.hooks"), http, clock, deadline)
