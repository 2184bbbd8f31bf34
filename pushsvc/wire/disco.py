"""
Service discovery (XEP-0030, XEP-0128): what an entity is, what it can do, and what more it says of itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from twisted.words.xish.domish import Element

from pushsvc.command import CommandField
from pushsvc.wire.forms import FORM_TYPE, writeForm
from pushsvc.wire.namespaces import NS_DISCO_INFO, NS_DISCO_ITEMS


class Identity(NamedTuple):
    """
    One thing that an entity is.

    :ivar name: for people.
    """

    category: str
    type: str
    name: str = ""


@dataclass(frozen=True)
class Extension:
    """
    A form in which an entity says more of itself.

    :ivar fields: each with its name and its values, of which there may be any number.
    :ivar types: XEP-0004's word for those that are no list-multi.
    """

    formType: str
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    types: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Info:
    """
    All that an entity says of itself.
    """

    identities: tuple[Identity, ...]
    features: tuple[str, ...]
    extensions: tuple[Extension, ...] = ()


class Item(NamedTuple):
    """
    Something that an entity has.
    """

    jid: str
    node: str
    name: str


def writeInfo(info: Info, node: str | None) -> Element:
    """
    The answer to a question for disco#info.

    :param node: as it was asked, also when it is empty.
    """
    query = _query(NS_DISCO_INFO, node)
    for identity in info.identities:
        element = query.addElement((NS_DISCO_INFO, "identity"))
        for name, value in zip(Identity._fields, identity, strict=True):
            if value:
                element[name] = value
    for feature in info.features:
        query.addElement((NS_DISCO_INFO, "feature"))["var"] = feature
    for extension in info.extensions:
        query.addChild(_written(extension))
    return query


def writeItems(items: Sequence[Item], node: str | None) -> Element:
    """
    The answer to a question for disco#items.

    :param node: as it was asked, also when it is empty.
    """
    query = _query(NS_DISCO_ITEMS, node)
    for item in items:
        element = query.addElement((NS_DISCO_ITEMS, "item"))
        element["jid"], element["node"], element["name"] = item
    return query


def _written(extension: Extension) -> Element:
    fields = [CommandField(FORM_TYPE, "", values=(extension.formType,))]
    fields += [
        CommandField(name, "", extension.types.get(name, "list-multi"), values=values)
        for name, values in extension.fields
    ]
    x = writeForm(fields)
    x["type"] = "result"
    return x


def _query(namespace: str, node: str | None) -> Element:
    return Element((namespace, "query"), attribs={"node": node} if node is not None else None)
