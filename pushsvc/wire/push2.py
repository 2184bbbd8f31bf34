"""
Notifications as the draft "push 2" has them (``urn:xmpp:push2:0``): a message rather than a request. The draft was
never published, and may change; what is here is what Prosody's mod_push2 sends.

There is no secret in it, only what the client called itself when it enabled: ``<client/>`` is a node that registration
gave, with the secret behind a slash where there is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pushsvc.model import Encrypted, Kind, Notification, Priority
from pushsvc.wire.namespaces import NS_PUSH2, NS_SCE_RFC8291
from pushsvc.wire.notification import ENCRYPTED_MAX
from pushsvc.wire.view import View

# How an encrypted payload is called to the device: as RFC 8291 has it, without an initialisation vector of its own.
RFC8291 = "rfc8291"

_PRIORITIES = {"high": Priority.HIGH, "normal": Priority.NORMAL, "low": Priority.LOW}


@dataclass(frozen=True)
class Push2:
    """
    A notification, and for whom.

    :ivar options: the secret, as publish-options would have it.
    """

    node: str = field(repr=False)
    options: Mapping[str, tuple[str, ...]] = field(repr=False)
    notification: Notification


def readPush2(message: View) -> Push2 | None:
    """
    The notification in a message; None: there is none.
    """
    for element in message.children(NS_PUSH2, "notification"):
        client = "".join(element.texts(NS_PUSH2, "client")[:1]).strip()
        if not client:
            return None
        node, slash, secret = client.partition("/")
        said = "".join(element.texts(NS_PUSH2, "priority")[:1]).strip()
        kind = Kind.CALL if element.children(NS_PUSH2, "voip") else Kind.MESSAGE
        encrypted = _encryptedIn(element)
        usual = Priority.HIGH if kind is Kind.CALL or encrypted is not None else Priority.NORMAL
        notification = Notification(kind, _PRIORITIES.get(said, usual), None, encrypted)
        return Push2(node, {"secret": (secret,)} if slash else {}, notification)
    return None


def _encryptedIn(element: View) -> Encrypted | None:
    for encrypted in element.children(NS_SCE_RFC8291, "encrypted"):
        payload = "".join(encrypted.texts(NS_SCE_RFC8291, "payload")[:1]).strip()
        if payload and len(payload) <= ENCRYPTED_MAX:
            return Encrypted("", payload, RFC8291)
    return None
