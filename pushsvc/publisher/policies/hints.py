"""
What senders say about keeping a message (XEP-0334): what is not to be kept wakes nobody, and what has no body wakes
somebody only when its sender wants it kept. Calls are heard all the same.
"""

from collections.abc import Sequence

from zope.interface import implementer, moduleProvides

from pushsvc.enablement import Enablement
from pushsvc.event import Event, Stanza
from pushsvc.ipushsvc import IPushPolicy, IPushPolicyKind
from pushsvc.publisher.importance import isImportant, isUrgent

moduleProvides(IPushPolicyKind)


@implementer(IPushPolicy)
class Hints:
    """
    Hides from everybody what nobody is to be told of.
    """

    shouldPublish = None
    prepareNotification = None
    publishNotification = None

    async def concerning(self, event: Event, service: Enablement) -> Sequence[Stanza]:
        return [stanza for stanza in event.stanzas if _isForPushing(stanza)]


def _isForPushing(stanza: Stanza) -> bool:
    if stanza.name != "message" or isUrgent(stanza):
        return True
    # Hints do not count on errors, and nobody is told of these anyway.
    if "no-store" in stanza.hints:
        return False
    return isImportant(stanza) or "store" in stanza.hints


def makePolicy(default: IPushPolicy) -> IPushPolicy:
    return Hints()
