"""
Who may do what with a node, and what becomes of it then. Nothing here stores anything, or asks anybody.
"""

from collections.abc import Mapping
from dataclasses import replace

from pushsvc.errors import (
    BadPublish,
    ClosedNode,
    NoSuchNode,
    NotAcceptable,
    NotAllowed,
    NotSubscribed,
    QuotaReached,
    TooManySubscribers,
    Unsupported,
)
from pushsvc.leaf import AFFILIATIONS, NONE, OUTCAST, OWNER, PUBLISH_ONLY, PUBLISHER, Item, Leaf, Notice

# Of one node.
AFFILIATED_MAX = 200
SUBSCRIBERS_MAX = 20

SUBSCRIBED = "subscribed"
SUBSCRIPTIONS = (NONE, SUBSCRIBED, "pending", "unconfigured")

CONFIGURED, DELETED, RETRACTED = "pubsub#notify_config", "pubsub#notify_delete", "pubsub#notify_retract"
PERSISTENT = "pubsub#persist_items"


def bare(jid: str) -> str:
    """
    A JID without its resource.
    """
    return jid.partition("/")[0]


def owned(leaf: Leaf, asker: str) -> Leaf:
    """
    The node, to its owner.

    :raises NotAllowed: the asker is none.
    """
    if not leaf.isOwnedBy(asker):
        raise NotAllowed("this node is not yours")
    return leaf


def seen(leaf: Leaf, asker: str) -> Leaf:
    """
    The node, to whoever may see what is published to it.

    :raises NotAllowed: the asker may not.
    :raises ClosedNode: he is not on the list.
    """
    if leaf.affiliationOf(asker) in (OUTCAST, PUBLISH_ONLY):
        raise NotAllowed("you may not see what is published to this node")
    if not leaf.maySee(asker):
        raise ClosedNode()
    return leaf


def kept(leaf: Leaf) -> Leaf:
    """
    The node, if it keeps anything.

    :raises Unsupported: it does not.
    """
    if not leaf.says(PERSISTENT):
        raise Unsupported("persistent-items")
    return leaf


def affiliated(leaf: Leaf, changes: Mapping[str, str]) -> Leaf:
    """
    As `pushsvc.ipushsvc.INodeOwning.affiliate`.
    """
    if not set(changes.values()) <= set(AFFILIATIONS):
        raise BadPublish("there is no such affiliation")
    affiliations = {jid: word for jid, word in {**leaf.affiliations, **changes}.items() if word != NONE}
    if OWNER not in affiliations.values():
        raise NotAcceptable("somebody has to own the node")
    if len(affiliations) > AFFILIATED_MAX and len(affiliations) > len(leaf.affiliations):
        raise QuotaReached("as many are affiliated with this node as may be")
    changed = replace(leaf, affiliations=affiliations)
    # Who may not see it any more is told no more.
    return replace(changed, subscribers=tuple(jid for jid in leaf.subscribers if changed.maySee(jid)))


def concerned(before: Leaf, after: Leaf, asker: str) -> dict[str, str]:
    """
    Who is to be told that he has become something else to the node, and what: those who have subscribed, and those who
    could publish and cannot any more. Nobody is told that he may do something: an owner could write to strangers so.
    """
    subscribed = {bare(jid) for jid in before.subscribers}
    changed = {jid: after.affiliationOf(jid) for jid in {**before.affiliations, **after.affiliations}}
    return {
        jid: word
        for jid, word in changed.items()
        if word != before.affiliationOf(jid)
        and jid != bare(asker)
        and (jid in subscribed or (before.mayPublish(jid) and not after.mayPublish(jid)))
    }


def managed(leaf: Leaf, asker: str, changes: Mapping[str, str]) -> Leaf:
    """
    As `pushsvc.ipushsvc.INodeOwning.manage`.
    """
    for jid, word in changes.items():
        if word not in SUBSCRIPTIONS:
            raise BadPublish("there is no such state of a subscription")
        if word == NONE:
            leaf = without(leaf, jid)
        elif word == SUBSCRIBED and bare(jid) == bare(asker):
            leaf = subscribed(leaf, asker, jid)
        elif word != SUBSCRIBED or jid not in leaf.subscribers:
            # An owner could have anything sent to strangers.
            raise NotAcceptable("who wants to be told subscribes himself")
    return leaf


def subscribed(leaf: Leaf, asker: str, jid: str) -> Leaf:
    """
    As `pushsvc.ipushsvc.INodeOwning.subscribe`.
    """
    seen(leaf, asker)
    if jid in leaf.subscribers:
        return leaf
    if len(leaf.subscribers) >= SUBSCRIBERS_MAX:
        raise TooManySubscribers()
    return replace(leaf, subscribers=(*leaf.subscribers, jid))


def unsubscribed(leaf: Leaf, asker: str, jid: str) -> Leaf:
    """
    As `pushsvc.ipushsvc.INodeOwning.unsubscribe`.
    """
    if bare(jid) != bare(asker):
        raise NotAllowed("this subscription is not yours")
    if jid not in leaf.subscribers:
        raise NotSubscribed()
    return without(leaf, jid)


def without(leaf: Leaf, jid: str) -> Leaf:
    """
    The node without this subscription, if there is one.
    """
    return replace(leaf, subscribers=tuple(each for each in leaf.subscribers if each != jid))


def retracted(leaf: Leaf, asker: str, item: str | None) -> Leaf:
    """
    As `pushsvc.ipushsvc.INodeOwning.retract`.
    """
    if leaf.affiliationOf(asker) not in ((OWNER,) if item is None else (OWNER, PUBLISHER)):
        raise NotAllowed("this is not yours to take back")
    kept(leaf)
    if item is not None and (leaf.item is None or leaf.item.id != item):
        raise NoSuchNode("there is no such item")
    return replace(leaf, item=None)


def notice(what: str, leaf: Leaf, item: Item | None) -> Notice:
    """
    What those who have subscribed are to be told.
    """
    shown = item is not None and what == "item" and leaf.says("pubsub#deliver_payloads")
    return Notice(
        what,
        leaf.host,
        leaf.identifier,
        leaf.subscribers if leaf.says("pubsub#deliver_notifications") else (),
        item if item is None or shown else Item(item.id, ""),
        leaf.configuration.get("pubsub#notification_type", "headline"),
    )
