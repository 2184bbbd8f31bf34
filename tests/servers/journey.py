"""
The way of a phone from its registration into its sleep, for tests that begin where it ends.
"""

import uuid

from tests.servers.forms import Answer
from tests.servers.phone import Phone, Phones
from tests.servers.program import Program
from tests.servers.rig.server import Account


def newToken() -> str:
    """
    A token that no other test has.
    """
    return f"{uuid.uuid4().hex}:APA91b"


def register(phone: Phone, service: Program, token: str) -> Answer:
    """
    Register the phone for FCM.
    """
    return phone.command(service.domain, "register-push-fcm", {"token": token, "device-id": "phone"})


def registerAndEnable(phone: Phone, service: Program, token: str) -> Answer:
    """
    Register the phone, and tell its server so.
    """
    answer = register(phone, service, token)
    phone.enable(answer["jid"], answer["node"], {"secret": answer["secret"]})
    return answer


def fallAsleep(phones: Phones, account: Account, service: Program, token: str) -> Answer:
    """
    A phone that is registered and enabled, and offline now.
    """
    phone = phones.online(account)
    answer = registerAndEnable(phone, service, token)
    phone.logOff()
    return answer
