"""
Everything that can go wrong, told by whose move it is::

    PushError
      RequestError            the peer asked for something we will not do
        BadPublish              cannot be read as a publish (app: the XEP-0060 condition)
        BadForm                 a form lacks what it needs, or says a thing twice
        BadCommand              an ad-hoc command is used wrongly (detail: the XEP-0050 condition)
        BadJID                  is none
        BadOption               an option has a value that it cannot have
        NoSuchNode              never was, or is gone
          DeviceForgotten         the network said that the device is gone, and the node is none without it
        NodeExists              somebody has a node of this name
        NoSuchCommand           nobody here offers this command
        WrongSecret             missing, doubled or wrong
        NotAllowed              an access rule says no
          QuotaReached            as many as there may be are there
        NotAcceptable           a node cannot be configured so (app: the XEP-0060 condition)
        ClosedNode              who may see this node is on a list, and the peer is not
        NotSubscribed           there is no such subscription
        TooManySubscribers      as many as there may be have subscribed to this node
        Unsupported             a pubsub feature we do not have
        PreconditionNotMet      publish-options ask for a configuration that the node does not have
        PayloadTooBig           larger than we take
        SessionExpired          an ad-hoc session that ended before this request
      DeliveryError           what a push network said, or did not say; raised by providers, and only these
        DeviceGone              the network no longer knows the device: final
        Throttled               too fast: nobody's fault, wait
        ProviderDown            no usable answer: nobody's fault, try again
        ProviderRefused         our credentials or configuration: the operator's move
        Refused                 a lasting no that concerns this device only
        PayloadTooLarge         the same with less in it
        BadRequest              our bug: dropped and logged
      TryLater                we cannot take it now: storage trouble, overload, start-up
        Undisclosed             whoever asked for us was refused, and does not say why
      CannotOpen              the storage cannot be used at all: the operator's move

``pushsvc.wire.errors`` translates the first and the last group into stanza errors; ``pushsvc.delivery`` acts on the
second.

Texts of these errors never hold tokens, secrets, message bodies or users' JIDs: they end up in answers and logs.
"""


class PushError(Exception):
    """
    Whatever pushsvc expects to go wrong.
    """


# The peer's move.


class RequestError(PushError):
    """
    The peer asked for something we will not do.

    :ivar words: whose words it is told in, where a node type has words of its own: a section of
        ``pushsvc.wire.errors``; empty: ours.
    """

    words: str = ""


class BadPublish(RequestError):
    """
    This cannot be read as a publish.

    :ivar app: the condition of XEP-0060 that says more, such as ``invalid-payload``; or None.
    """

    def __init__(self, text: str = "", app: str | None = None) -> None:
        super().__init__(text)
        self.app = app


class BadForm(RequestError):
    """
    The form lacks something, or says something twice.
    """


class BadCommand(RequestError):
    """
    An ad-hoc command is not used as XEP-0050 has it.

    :ivar detail: the condition of XEP-0050: malformed-action, bad-action, bad-payload, bad-sessionid or bad-locale.
    """

    def __init__(self, detail: str, text: str = "") -> None:
        super().__init__(text)
        self.detail = detail


class BadJID(RequestError):
    """
    What ought to be a JID is none.
    """


class BadOption(RequestError):
    """
    An option has a value that it cannot have.
    """


class NoSuchNode(RequestError):
    """
    There is no such node; there never was, or it is gone.
    """


class DeviceForgotten(NoSuchNode):
    """
    The network said of the device that it is gone, and it is all that the node stands for.
    """


class NodeExists(RequestError):
    """
    Somebody has a node of this name.
    """


class NotAcceptable(RequestError):
    """
    A node cannot be what it is asked to be.

    :ivar app: the condition of XEP-0060 that says more, such as ``unsupported-access-model``; or None.
    """

    def __init__(self, text: str = "", app: str | None = None) -> None:
        super().__init__(text)
        self.app = app


class ClosedNode(RequestError):
    """
    Who may see what is published to this node is on a list, and the peer is not.
    """


class NotSubscribed(RequestError):
    """
    The peer has not subscribed to this node.
    """


class TooManySubscribers(RequestError):
    """
    As many as there may be have subscribed to this node.
    """


class NoSuchCommand(RequestError):
    """
    Nobody here offers this ad-hoc command.
    """


class WrongSecret(RequestError):
    """
    The node's secret is missing, given twice, or not the right one.
    """


class NotAllowed(RequestError):
    """
    An access rule of ours says no.
    """


class QuotaReached(NotAllowed):
    """
    As many as there may be are there already.
    """


class Unsupported(RequestError):
    """
    A feature of pubsub that this host does not have.

    :ivar feature: its name in XEP-0060, such as ``create-nodes``.
    """

    def __init__(self, feature: str) -> None:
        super().__init__(feature)
        self.feature = feature


class PreconditionNotMet(RequestError):
    """
    Publish-options ask for a node configuration that is not the node's (XEP-0060 section 7.1.5).
    """


class PayloadTooBig(RequestError):
    """
    The payload is larger than we take.
    """


class SessionExpired(RequestError):
    """
    The ad-hoc session ended before this request came.
    """


# A push network's word.


class DeliveryError(PushError):
    """
    What a push network said, or did not say. Providers raise these and nothing else.
    """


class DeviceGone(DeliveryError):
    """
    The network no longer knows the device. Final, unless the device registered again after ``since``.

    :ivar since: seconds since 1970 at which the network saw it go; None when the network does not say.
    """

    def __init__(self, text: str = "", since: float | None = None) -> None:
        super().__init__(text)
        self.since = since


class Throttled(DeliveryError):
    """
    Too fast.

    :ivar retryAfter: seconds the network asks us to wait; None when it does not say.
    :ivar lane: whether it is said of everything on the target's lane, such as a quota of the project; else it is said
        of this device alone.
    """

    def __init__(self, text: str = "", retryAfter: float | None = None, lane: bool = False) -> None:
        super().__init__(text)
        self.retryAfter = retryAfter
        self.lane = lane


class ProviderDown(DeliveryError):
    """
    No usable answer: a refused or lost connection, silence, a 5xx.

    :ivar maybeSent: the network may have taken the push all the same.
    :ivar retryAfter: seconds the network asks us to wait; None when it does not say.
    """

    def __init__(self, text: str = "", maybeSent: bool = False, retryAfter: float | None = None) -> None:
        super().__init__(text)
        self.maybeSent = maybeSent
        self.retryAfter = retryAfter


class ProviderRefused(DeliveryError):
    """
    The network does not accept our credentials or our configuration. An operator has to act; no device is to blame.
    """


class Refused(DeliveryError):
    """
    A lasting no that concerns this device alone and is no sign that it is gone.
    """


class PayloadTooLarge(DeliveryError):
    """
    The network takes less than this.
    """


class BadRequest(DeliveryError):
    """
    The network does not understand what we sent: our bug, or a malformed field that we stored.
    """


# Nobody's move, yet.


class TryLater(PushError):
    """
    We cannot take it now.
    """


class Undisclosed(TryLater):
    """
    Whoever asked for us did not get it, and does not say why: it may be for now, or for good.
    """


class CannotOpen(PushError):
    """
    The storage cannot be used. The text says which one and why, for the operator.
    """
