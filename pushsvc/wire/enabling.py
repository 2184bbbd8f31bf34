"""
``<enable/>`` and ``<disable/>`` (XEP-0357 section 5), with what clients of mod_push and of Tigase's family put in.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from twisted.words.xish.domish import Element

from pushsvc.enablement import ContentOptions
from pushsvc.errors import BadForm, BadJID, BadOption, Unsupported
from pushsvc.jids import Address, addressOf
from pushsvc.wire.forms import FORM_TYPE, formTypeOf, readEveryValue, writeResult
from pushsvc.wire.namespaces import (
    NS_DATA,
    NS_PUSH,
    NS_PUSH_OPTIONS,
    NS_TIGASE_AWAY,
    NS_TIGASE_ENCRYPT,
    NS_TIGASE_GROUPCHAT,
    NS_TIGASE_IGNORE_UNKNOWN,
    NS_TIGASE_JINGLE,
    NS_TIGASE_MUTED,
    NS_TIGASE_PRIORITY,
)
from pushsvc.wire.view import View

NODE_MAX = 4096
# Characters of everything that is kept of one ``<enable/>``.
KEPT_MAX = 16_384
MUTED_MAX = 500
KEY_BYTES = 16

OPTIONS = {
    "senders": "include-senders",
    "messageCount": "include-message-count",
    "subscriptionCount": "include-subscription-count",
    "bodies": "include-message-bodies",
}
_TRUTHS = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True)
class Enable:
    """
    A request as it was written.

    :ivar service: whom to tell.
    :ivar node: None: the client named none.
    :ivar form: the publish-options, as `replayed` wants them; empty: there are none.
    :ivar said: what is in them.
    :ivar asked: what the client wants told; None: it does not say.
    :ivar extras: what else there was.
    """

    service: Address = field(repr=False)
    node: str | None = field(repr=False)
    form: str = field(default="", repr=False)
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    asked: ContentOptions | None = None
    extras: Mapping[str, str] = field(default_factory=dict, repr=False)


def readEnable(enable: View) -> Enable:
    """
    What a client wants enabled.

    :raises BadForm: the service is missing; the secret is doubled; or there is too much of it.
    :raises BadJID: the service is none.
    :raises BadOption: an option is neither true nor false.
    :raises Unsupported: an encryption that is not ours.
    """
    service, node = readService(enable)
    form, said, asked = "", {}, None
    for x in enable.children(NS_DATA, "x"):
        values = readEveryValue(x)
        if formTypeOf(values) == NS_PUSH_OPTIONS:
            asked = _readOptions(values)
        elif not form:
            values.pop(FORM_TYPE, None)
            form, said = _kept(x), values
    if len(said.get("secret", ())) > 1:
        raise BadForm("secret: one of them")
    extras = _readExtras(enable)
    if len(form) + sum(map(len, extras.values())) > KEPT_MAX:
        raise BadForm("too much")
    return Enable(service, node, form, said, asked, extras)


def readService(request: View) -> tuple[Address, str | None]:
    """
    Which service, and which node of it, of an ``<enable/>`` or ``<disable/>``.

    :raises BadForm: it says nothing.
    :raises BadJID: it is none.
    """
    said = request.attribute("jid")
    if not said:
        raise BadForm("which service?")
    service = addressOf(said)
    if service is None:
        raise BadJID("jid is none")
    node = request.attribute("node")
    if node is not None and len(node) > NODE_MAX:
        raise BadForm("node is too long")
    return service, node


def writeOptions(options: ContentOptions, type: str = "result") -> Element:
    """
    Options as a form; those that are None are left out.
    """
    values = [(FORM_TYPE, (NS_PUSH_OPTIONS,))]
    for name, called in OPTIONS.items():
        value = getattr(options, name)
        if value is not None:
            values.append((called, ("1" if value else "0",)))
    form = writeResult(values)
    form["type"] = type
    for each in form.elements():
        if each["var"] != FORM_TYPE:
            each["type"] = "boolean"
    return form


def writeEnabled(accepted: ContentOptions) -> Element | None:
    """
    What of the options was accepted; None: nothing to speak of.
    """
    if accepted == ContentOptions():
        return None
    enable = Element((NS_PUSH, "enable"))
    enable.addChild(writeOptions(accepted))
    return enable


def replayed(form: str) -> Element:
    """
    Publish-options as the client wrote them.

    :param form: `Enable.form`.
    """
    kept = json.loads(form)
    x = Element((NS_DATA, "x"), attribs=_present(type=kept["type"]))
    for var, type, label, values in kept["fields"]:
        written = x.addElement((NS_DATA, "field"))
        written.attributes.update(_present(var=var, type=type, label=label))
        for value in values:
            written.addElement((NS_DATA, "value"), content=value)
    return x


def _kept(x: View) -> str:
    fields = [
        [each.attribute("var"), each.attribute("type"), each.attribute("label"), list(each.texts(NS_DATA, "value"))]
        for each in x.children(NS_DATA, "field")
    ]
    return json.dumps({"type": x.attribute("type"), "fields": fields}, ensure_ascii=False, separators=(",", ":"))


def _present(**attributes: str | None) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value is not None}


def _readOptions(values: Mapping[str, tuple[str, ...]]) -> ContentOptions:
    read: dict[str, bool | None] = {}
    for name, called in OPTIONS.items():
        said = values.get(called)
        if said is None:
            continue
        if len(said) != 1 or said[0].strip() not in _TRUTHS:
            raise BadOption(f"{called} is 1 or 0")
        read[name] = _TRUTHS[said[0].strip()]
    return ContentOptions(**read)


def _readExtras(enable: View) -> dict[str, str]:
    extras = {}
    if enable.attribute("away") in ("true", "1"):
        extras["away"] = NS_TIGASE_AWAY
    for child in enable.elements():
        read = _EXTRAS.get(child.qname)
        if read is not None:
            extras[child.name] = read(child)
    return extras


def _readKey(encrypt: View) -> str:
    if (encrypt.attribute("alg") or "").lower() != "aes-128-gcm":
        raise Unsupported("encrypt: aes-128-gcm")
    # Some leave the padding out.
    key = "".join(encrypt.text.split()).rstrip("=") + "=="
    try:
        length = len(base64.b64decode(key, validate=True))
    except ValueError:
        length = 0
    if length != KEY_BYTES:
        raise BadForm("encrypt: a key of 16 bytes")
    return key


def _readMuted(muted: View) -> str:
    jids = [addressOf(item.attribute("jid") or "") for item in muted.elements() if item.name == "item"]
    return json.dumps([address.bare for address in jids if address is not None][:MUTED_MAX])


def _readRooms(groupchat: View) -> str:
    rooms = {}
    for room in [each for each in groupchat.elements() if each.name == "room"][:MUTED_MAX]:
        address = addressOf(room.attribute("jid") or "")
        if address is not None:
            rooms[address.bare] = _present(allow=room.attribute("allow"), nick=room.attribute("nick"))
    return json.dumps(rooms)


def _said(element: View) -> str:
    return ""


_EXTRAS = {
    (NS_TIGASE_ENCRYPT, "encrypt"): _readKey,
    (NS_TIGASE_PRIORITY, "priority"): _said,
    (NS_TIGASE_IGNORE_UNKNOWN, "ignore-unknown"): _said,
    (NS_TIGASE_JINGLE, "jingle"): _said,
    (NS_TIGASE_MUTED, "muted"): _readMuted,
    (NS_TIGASE_GROUPCHAT, "groupchat"): _readRooms,
}
