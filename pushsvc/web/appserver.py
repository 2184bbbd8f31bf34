"""
mod_push_appserver's vocabulary over HTTP, as Monal spoke it: ``v1/register``, ``v1/unregister``, ``v1/push``.

Forms in, lines of text out: ``OK``, the node and the secret; or ``ERROR`` and why. Clients count the lines, so that
there is no newline at the end.
"""

from collections.abc import Mapping
from urllib.parse import parse_qs

from pushsvc.errors import BadForm, NoSuchNode, NotAllowed, WrongSecret
from pushsvc.fields import Fields
from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import IRegistrations
from pushsvc.model import Notification, Publish
from pushsvc.strangers import Strangers
from pushsvc.web.registering import Answer, Posted, Vocabulary, readText

# Where Prosody has the module's pages, and where a host of their own has them.
PREFIXES = "/push_appserver/v1/", "/v1/"
# Fields of one form.
FIELDS_MAX = 32


class AppServer:
    """
    Registers, unregisters, publishes.
    """

    def __init__(
        self, strangers: Strangers, registrations: IRegistrations, hosts: Mapping[str, ServedHost]
    ) -> None:
        """
        :param hosts: those on which nodes are published to.
        """
        self._strangers = strangers
        self._registrations = registrations
        self._hosts = hosts

    @property
    def vocabulary(self) -> Vocabulary:
        """
        The pages.
        """
        pages = {"register": self.register, "unregister": self.unregister, "push": self.push}
        named = {prefix + name: page for prefix in PREFIXES for name, page in pages.items()}
        return Vocabulary(named, _failed, "text/plain; charset=utf-8")

    async def register(self, posted: Posted) -> Answer:
        """
        Register a device: ``type``, ``node`` (its id), ``token``.
        """
        credentials = await self._strangers.register(_fields(posted), posted.isNew)
        return _said("OK", credentials.node, credentials.secret or "")

    async def unregister(self, posted: Posted) -> Answer:
        """
        Forget a device: ``type`` and ``node`` (its id, or what it got).
        """
        fields = _fields(posted)
        try:
            await self._strangers.unregister(fields)
        except NoSuchNode:
            return _said("ERROR", "Node not found!")
        return _said("OK", fields.required("node"))

    async def push(self, posted: Posted) -> Answer:
        """
        Wake a device: ``node`` and ``secret``, as a server that publishes has them. What may not, is not there.
        """
        fields = _fields(posted)
        node, secret = fields.required("node"), fields.required("secret")
        try:
            await self._publish(node, secret)
        except (NoSuchNode, WrongSecret, NotAllowed):
            return _said("ERROR", "Node or secret not found!")
        return _said("OK", node)

    async def _publish(self, node: str, secret: str) -> None:
        registration = await self._registrations.byNode(node)
        if registration is None or registration.host not in self._hosts:
            raise NoSuchNode()
        # From nobody: no server vouches for who it is. Where only some may publish, this is none of them.
        publish = Publish(registration.host, node, "", (Notification(),), {"secret": (secret,)})
        host = self._hosts[registration.host]
        try:
            await host.publish(publish)
        except Exception as e:
            host.answers[type(e).__name__] += 1
            raise
        host.answers["accepted"] += 1


def _fields(posted: Posted) -> Fields:
    try:
        read = parse_qs(posted.body.decode("utf-8"), errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError:
        raise BadForm("this is no form") from None
    return Fields({readText(name): tuple(map(readText, values)) for name, values in read.items()})


def _failed(status: int, text: str) -> Answer:
    return Answer(status, _said("ERROR", text).body)


def _said(*lines: str) -> Answer:
    # What was said to us comes back: it stays one line.
    return Answer(200, "\n".join(" ".join(line.split()) for line in lines).encode("utf-8"))
