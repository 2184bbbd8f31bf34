"""
Domains: ``[hosts.*]``.
"""

import re
from dataclasses import field
from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic.dataclasses import dataclass

from pushsvc.config.basics import options


def _uri(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+-]*:[^\s<>\"]+", text):
        raise ValueError("not a URI, such as mailto:admin@example.org, xmpp:admin@example.org or https://example.org/")
    return text


URIs = tuple[Annotated[str, AfterValidator(_uri)], ...]


@dataclass(frozen=True, config=options)
class Contact:
    """
    ``[hosts."push.example.org".contact]``: to whom one may turn, and for what (XEP-0157). Each is a list of URIs.
    """

    abuse: URIs = ()
    admin: URIs = ()
    feedback: URIs = ()
    sales: URIs = ()
    security: URIs = ()
    status: URIs = ()
    support: URIs = ()


@dataclass(frozen=True, config=options)
class Host:
    """
    ``[hosts."push.example.org"]``: a domain we serve.

    :ivar nodetree: which nodes exist on it.
    :ivar nodetypes: what publishes mean, the default type first; empty: not a pubsub host.
    :ivar dialects: the ad-hoc vocabularies offered; empty: not a register host.
    :ivar access: domains or JIDs that may use the commands, and create nodes; None: everybody.
    :ivar publishers: who may publish: ``owner`` (the owner's domain or bare JID), or domains; None: whoever has the
        secret.
    :ivar uniformErrors: answer a wrong secret as if there were no such node, so that nodes cannot be probed.
    :ivar withdrawals: the shapes in which users' servers are told that a node is gone: ``xep-0357``, ``mod_push``.
    :ivar contact: to whom one may turn; shown in service discovery.
    :ivar push2: take notifications as the draft ``urn:xmpp:push2:0`` has them as well. It was never published, and may
        change or go.
    """

    nodetree: str = "virtual"
    nodetypes: tuple[str, ...] = ("push",)
    dialects: tuple[str, ...] = ("modpush",)
    access: tuple[str, ...] | None = None
    publishers: tuple[str, ...] | None = None
    uniformErrors: bool = False
    withdrawals: tuple[Literal["xep-0357", "mod_push"], ...] = ("xep-0357",)
    contact: Contact = field(default_factory=Contact)
    push2: bool = False
