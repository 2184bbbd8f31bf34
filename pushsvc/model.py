"""
The values that cross layers: frozen, comparable, and silent about what they know of people.

JIDs are text here, bare and prepared (RFC 6122) by whoever read them from a stanza.
"""

import enum
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hmac import compare_digest

# Secrets issued for one registration of which any may be used: the last used one and those issued since.
SECRETS_KEPT = 8
# Some vocabularies give none: then none is what the owner's server, and nobody else, publishes with.
NO_SECRET = ""


class Kind(enum.Enum):
    """
    What a notification is about. A newer one replaces an older one of its kind only.
    """

    MESSAGE = "message"
    CALL = "call"
    CLEAR = "clear"

    # There is one of each, and they are looked up with every push: Enum's own would compute the hash of a name.
    __hash__ = object.__hash__


class Priority(enum.IntEnum):
    """
    How much a notification matters; each network has its own words for it.
    """

    LOW = 1
    NORMAL = 2
    HIGH = 3


@dataclass(frozen=True)
class Summary:
    """
    What the user's server tells about what is waiting (XEP-0357, ``urn:xmpp:push:summary``). Everything may be unknown.
    """

    messageCount: int | None = None
    pendingSubscriptionCount: int | None = None
    lastMessageSender: str | None = field(default=None, repr=False)
    lastMessageBody: str | None = field(default=None, repr=False)
    lastSubscriptionSender: str | None = field(default=None, repr=False)

    def counts(self) -> "Summary":
        """
        The same without anything that people said, and without who said it.
        """
        return Summary(self.messageCount, self.pendingSubscriptionCount)


@dataclass(frozen=True)
class Encrypted:
    """
    A payload that only the device can read (``tigase:push:encrypt:0``), handed on as it came.

    :ivar iv: the initialisation vector, base64.
    :ivar payload: the ciphertext with its tag, base64.
    :ivar type: ``voip`` for calls; else None.
    """

    iv: str = field(repr=False)
    payload: str = field(repr=False)
    type: str | None = None


@dataclass(frozen=True)
class Notification:
    """
    One reason to wake a device.

    :ivar summary: what is waiting; None when the server says nothing about it.
    :ivar more: what else the server says, under names that apps know: ``event`` (``account-removed``), ``sid`` and
        ``media`` of a call, ``nickname``; and elements that nobody here knows, each under ``{namespace}name`` as XML.
    """

    kind: Kind = Kind.MESSAGE
    priority: Priority = Priority.NORMAL
    summary: Summary | None = None
    encrypted: Encrypted | None = None
    more: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    def smaller(self) -> "Notification | None":
        """
        The same with less in it: first without what nobody here knows, then without the body, then without the
        senders, then empty.

        :returns: None when there is nothing left to leave out.
        """
        summary = self.summary
        if any(name.startswith("{") for name in self.more):
            return replace(self, more=known(self.more))
        if summary is not None and summary.lastMessageBody is not None:
            return replace(self, summary=replace(summary, lastMessageBody=None))
        if summary is not None and summary != summary.counts():
            return replace(self, summary=summary.counts())
        if summary is not None or self.encrypted is not None or self.more:
            return replace(self, summary=None, encrypted=None, more={})
        return None


def known(more: Mapping[str, str]) -> Mapping[str, str]:
    """
    What of `Notification.more` somebody here knows.
    """
    return {name: value for name, value in more.items() if not name.startswith("{")}


@dataclass(frozen=True)
class Target:
    """
    Where a notification goes: which app, and what its network needs to find the device.

    :ivar key: what newer notifications are matched with older ones by: a registration's node, a token, an enablement.
    :ivar app: the app's name in the configuration.
    :ivar token: the network's name of the device.
    :ivar details: what else the app's provider wants to know of the device.
    """

    key: str = field(repr=False)
    app: str
    token: str = field(repr=False)
    details: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True)
class Registration:
    """
    One device that may be pushed to.

    Identified by owner, device id and room; the node stays for life, everything else may change.

    :ivar host: the pubsub host on which the node is.
    :ivar owner: bare JID.
    :ivar room: bare JID of the one room this registration is for, or None.
    :ivar digests: of the secret that was used last, and of those issued since, oldest first.
    :ivar registered: seconds since 1970.
    :ivar renewed: seconds since 1970 of the newest registration.
    """

    node: str = field(repr=False)
    host: str
    owner: str = field(repr=False)
    deviceId: str = field(repr=False)
    target: Target
    digests: tuple[bytes, ...] = field(repr=False)
    registered: float
    renewed: float
    deviceName: str | None = field(default=None, repr=False)
    room: str | None = field(default=None, repr=False)

    def usedDigest(self, secret: str) -> bytes | None:
        """
        Which of the digests a secret belongs to; None: to none of them.

        All are compared, each in constant time.
        """
        given = digest(secret)
        found = None
        for known in self.digests:
            if compare_digest(given, known):
                found = known
        return found


def digest(secret: str) -> bytes:
    """
    What is kept of a secret. Secrets are random and long, so that one round of SHA-256 is enough.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def tokenId(token: str) -> str:
    """
    A name for a device of which only its token is known. Not the token itself: names are shown to people.
    """
    return f"token-{hashlib.sha256(token.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def isTokenId(deviceId: str) -> bool:
    """
    Whether a device is called by its token.
    """
    return re.fullmatch(r"token-[0-9a-f]{32}", deviceId) is not None


def withSecret(digests: tuple[bytes, ...], issued: bytes) -> tuple[bytes, ...]:
    """
    The digests to keep once a further secret has been issued: the last used one and the newest.
    """
    if len(digests) < SECRETS_KEPT:
        return (*digests, issued)
    return (digests[0], *digests[2:], issued)


@dataclass(frozen=True)
class Publish:
    """
    What a user's server sent to a node.

    :ivar host: the pubsub host it was sent to.
    :ivar sender: the JID it came from.
    :ivar options: publish-options: the name of a field to its values.
    :ivar itemId: what the sender calls it; None: it does not say, or nobody asked.
    :ivar payload: XML, as it came; None where nobody keeps it or hands it on.
    """

    host: str
    node: str = field(repr=False)
    sender: str = field(repr=False)
    notifications: tuple[Notification, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False, hash=False)
    itemId: str | None = field(default=None, repr=False)
    payload: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Node:
    """
    A node that exists, as its tree found it.

    :ivar type: the name of its node type.
    :ivar registration: the registration that it stands for; None where nodes are not registrations.
    """

    identifier: str = field(repr=False)
    type: str
    registration: Registration | None = None


@dataclass(frozen=True)
class Waiting:
    """
    A notification in the outbox.

    :ivar slot: 0; end-to-end encrypted ones are not interchangeable and stand side by side, in slots 1 to 8.
    :ivar sequence: counts what this place has held; with ``pushId`` it says which content was sent.
    :ivar pushId: a UUID; apns-id, topic and log id, the same in every attempt.
    :ivar lane: what limits and pauses are kept by; the provider names it.
    :ivar expires: seconds since 1970 after which nobody wants it any more.
    :ivar due: seconds since 1970 before which it is not tried.
    :ivar attempts: how often it has been tried in vain.
    :ivar owner: the process that is sending it; None: any may take it.
    """

    target: Target
    notification: Notification
    pushId: str
    lane: str
    expires: float
    due: float
    slot: int = 0
    sequence: int = 1
    attempts: int = 0
    owner: str | None = None


@dataclass(frozen=True)
class Remembered:
    """
    What became of the pushes to one device, as far as it is remembered. `pushsvc.meanings` has words for people.

    :ivar succeeded: seconds since 1970 at which the network took one last, to a quarter of an hour.
    :ivar failed: seconds since 1970 of the last trouble, likewise; None: there was none.
    :ivar word: what the trouble was, as verdicts are called: ``throttled``, ``down``, ``refused``, ...
    """

    succeeded: float | None = None
    failed: float | None = None
    word: str | None = None


@dataclass(frozen=True)
class Standing:
    """
    How much of one app waits in the outbox, or is being sent.

    :ivar oldest: seconds since 1970 at which the oldest of it was accepted.
    """

    count: int
    oldest: float


@dataclass(frozen=True)
class Work:
    """
    What a storage has done for this process since it was opened. All zero where nothing has to be done.

    :ivar batches: how often it was asked; with `requests` it says how many go together.
    :ivar seconds: what these took.
    :ivar waiting: requests that wait for their batch now.
    :ivar trouble: why it could not do what it was asked for last, to read or to write; None: it could.
    """

    batches: int = 0
    requests: int = 0
    seconds: float = 0.0
    waiting: int = 0
    trouble: str | None = None


@dataclass(frozen=True)
class Credentials:
    """
    What a client tells its own server, so that it can publish: the answer to a registration.

    :ivar facts: what it may want to know of the app besides.
    """

    jid: str
    node: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    facts: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True)
class Offer:
    """
    An app, as clients may be told of it.

    :ivar app: the app's name in the configuration.
    :ivar provider: the provider's name, such as ``fcm``.
    :ivar ids: what clients of Tigase's family know it by.
    :ivar features: what its provider can do beyond waking.
    :ivar payloadSize: how long an encrypted payload may be; None when the provider does not say.
    """

    app: str
    provider: str
    ids: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    payloadSize: int | None = None


@dataclass(frozen=True)
class Device:
    """
    What a client says of its device when it registers.
    """

    id: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    room: str | None = field(default=None, repr=False)
