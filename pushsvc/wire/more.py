"""
What else a publish may tell of: what Tigase's servers put into ``<notification/>``, and what nobody here knows.
"""

from twisted.words.xish.domish import Element

from pushsvc.wire.namespaces import NS_TIGASE_EVENT, NS_TIGASE_MUC_OFFLINE
from pushsvc.wire.view import View

# Of one value; and of all that nobody knows together, with its markup.
VALUE_MAX = 1023
UNKNOWN_MAX = 2048
_DEEPEST = 8

EVENTS = ("account-removed",)


def readCall(jingle: View) -> dict[str, str]:
    """
    Which call it is, and what with (``tigase:push:jingle:0``).
    """
    media = [child.text.strip() for child in jingle.elements() if child.name == "media"]
    said = {"sid": jingle.attribute("sid") or "", "media": ",".join(word for word in media if word)}
    return {name: value[:VALUE_MAX] for name, value in said.items() if value}


def readMore(child: View) -> dict[str, str]:
    """
    What a child of ``<notification/>`` says that is none of those that are read elsewhere.
    """
    if child.qname == (NS_TIGASE_EVENT, "event"):
        name = child.attribute("name") or ""
        return {"event": name} if name in EVENTS else {}
    if child.qname == (NS_TIGASE_MUC_OFFLINE, "groupchat"):
        nicks = [each.text.strip() for each in child.elements() if each.name == "nickname"]
        return {"nickname": nicks[0][:VALUE_MAX]} if nicks and nicks[0] else {}
    if not child.uri:
        return {}
    written = _written(child, _DEEPEST).toXml()
    return {f"{{{child.uri}}}{child.name}": written} if len(written) <= UNKNOWN_MAX else {}


def _written(view: View, depth: int) -> Element:
    element = Element((view.uri or None, view.name), attribs=dict(view.attributes))
    text = view.text
    if text:
        element.addContent(text)
    for child in view.elements() if depth else ():
        element.addChild(_written(child, depth - 1))
    return element
