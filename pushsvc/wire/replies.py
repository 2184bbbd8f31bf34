"""
Replies to IQs, built by hand.

A reply comes from exactly the JID that was addressed and bears the request's id byte for byte: publishers compare both
as text. An error does not send the request back, as it might: secrets are in it, and copying it costs more than all the
rest of the answer.
"""

from twisted.words.xish.domish import Element


def resultReply(iq: Element, payload: Element | None = None) -> Element:
    """
    The answer to an IQ that went well.
    """
    reply = _reply(iq, "result")
    if payload is not None:
        reply.addChild(payload)
    return reply


def errorReply(iq: Element, error: Element) -> Element:
    """
    The answer to an IQ that did not.

    :param error: as ``pushsvc.wire.errors`` makes them.
    """
    reply = _reply(iq, "error")
    reply.addChild(error)
    return reply


def _reply(iq: Element, type: str) -> Element:
    asked = iq.attributes
    attributes = {"type": type}
    for name, other in (("from", "to"), ("to", "from"), ("id", "id")):
        # A request without an id gets a reply without one.
        if other in asked:
            attributes[name] = asked[other]
    return Element((None, "iq"), attribs=attributes)
