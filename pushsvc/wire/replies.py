"""
Replies to IQs, built by hand.

A reply comes from exactly the JID that was addressed and bears the request's id byte for byte: publishers compare both
as text. An error does not send the request back, as it might: secrets are in it, and copying it costs more than all the
rest of the answer.
"""

from collections.abc import Mapping

from twisted.words.xish.domish import Element


def resultReply(iq: Element, payload: Element | None = None) -> Element:
    """
    The answer to an IQ that went well.
    """
    return resultTo(iq.attributes, payload)


def errorReply(iq: Element, error: Element) -> Element:
    """
    The answer to an IQ that did not.

    :param error: as ``pushsvc.wire.errors`` makes them.
    """
    return errorTo(iq.attributes, error)


def resultTo(asked: Mapping[str, str], payload: Element | None = None) -> Element:
    """
    The answer to an IQ that went well, of which only the attributes are known any more.
    """
    reply = _reply(asked, "result")
    if payload is not None:
        reply.addChild(payload)
    return reply


def errorTo(asked: Mapping[str, str], error: Element, name: str = "iq") -> Element:
    """
    The answer to one that did not.

    :param name: of what is answered: an IQ, or a message.
    """
    reply = _reply(asked, "error", name)
    reply.addChild(error)
    return reply


def _reply(asked: Mapping[str, str], type: str, name: str = "iq") -> Element:
    attributes = {"type": type}
    if "to" in asked:
        attributes["from"] = asked["to"]
    if "from" in asked:
        attributes["to"] = asked["from"]
    # A request without an id gets a reply without one.
    if "id" in asked:
        attributes["id"] = asked["id"]
    return Element((None, name), attribs=attributes)
