"""
What every stanza must be before anybody handles it (RFC 6120 section 8).
"""

from twisted.words.xish.domish import Element

from pushsvc.jids import addressOf
from pushsvc.wire.errors import errorElement
from pushsvc.wire.replies import errorReply
from pushsvc.wire.view import viewOf

_ANSWERS = ("result", "error")
_REQUESTS = ("get", "set")


def refusal(stanza: Element) -> Element | None:
    """
    Look at a stanza that has just arrived. Its ``handled`` is set: for domish a plain look at it means a search among
    its children.

    :returns: the error to send instead of handling it; None: go on. What is to be passed over in silence (it comes
        from nowhere, or is an answer that must not be answered) is marked as handled already; what goes on is marked
        as ``proper``, so that nobody needs to look again.
    """
    # Not by attribute: Element has none by these names, so that they must be made.
    stanza.__dict__["handled"] = False
    sender = addressOf(stanza.attributes.get("from", ""))
    recipient = addressOf(stanza.attributes.get("to", ""))
    type = stanza.attributes.get("type")
    if sender is None or (recipient is None and (stanza.name != "iq" or type in _ANSWERS)):
        stanza.__dict__["handled"] = True
        return None
    if stanza.name != "iq" or type in _ANSWERS:
        return None
    if recipient is None:
        return _refuseAddress(stanza)
    if type not in _REQUESTS:
        return _refuse(stanza, errorElement("modify", "bad-request", "an IQ is get, set, result or error"))
    if viewOf(stanza).count != 1:
        return _refuse(stanza, errorElement("modify", "bad-request", "an IQ asks for one thing"))
    stanza.__dict__["proper"] = True
    return None


def _refuse(stanza: Element, error: Element) -> Element:
    stanza.__dict__["handled"] = True
    return errorReply(stanza, error)


def _refuseAddress(stanza: Element) -> Element | None:
    reply = _refuse(stanza, errorElement("modify", "jid-malformed"))
    # An answer from a malformed JID would cost us the stream: let the domain speak, if there is one.
    beforeResource = stanza.attributes.get("to", "").partition("/")[0]
    domain = addressOf(beforeResource.rpartition("@")[2])
    if domain is None:
        return None
    reply["from"] = domain.full
    return reply
