"""
Accounts enable and disable push services (XEP-0357 section 5): what comes to their server, however it gets to us.
"""

from twisted.internet.interfaces import IReactorTime
from twisted.words.xish.domish import Element

from pushsvc.enablement import Enablement
from pushsvc.errors import BadForm, NotAllowed
from pushsvc.ipushsvc import IPublisher
from pushsvc.jids import Address
from pushsvc.wire.enabling import readEnable, readService, writeEnabled, writeOptions
from pushsvc.wire.namespaces import (
    NS_PUSH,
    NS_TIGASE_AES,
    NS_TIGASE_AWAY,
    NS_TIGASE_ENCRYPT,
    NS_TIGASE_GROUPCHAT,
    NS_TIGASE_IGNORE_UNKNOWN,
    NS_TIGASE_JINGLE,
    NS_TIGASE_MUTED,
    NS_TIGASE_PRIORITY,
)
from pushsvc.wire.view import View

# What clients of Tigase's family look for, by the policy that does it.
POLICY_FEATURES = {
    "encrypted": (NS_TIGASE_ENCRYPT, NS_TIGASE_AES, NS_TIGASE_JINGLE),
    "filters": (NS_TIGASE_AWAY, NS_TIGASE_GROUPCHAT, NS_TIGASE_IGNORE_UNKNOWN, NS_TIGASE_MUTED),
    "priority": (NS_TIGASE_PRIORITY,),
}


class EnablingRequests:
    """
    Answers what accounts ask for.

    :ivar features: what accounts, and the server, have because of us.
    """

    def __init__(self, publisher: IPublisher, clock: IReactorTime, policies: tuple[str, ...] = ()) -> None:
        self._publisher = publisher
        self._clock = clock
        policed = (feature for policy in policies for feature in POLICY_FEATURES.get(policy, ()))
        self.features = tuple(dict.fromkeys([NS_PUSH, *policed]))

    async def answer(self, type: str, payload: View, sender: Address, recipient: Address | None) -> Element | None:
        """
        Do what is asked for.

        :param type: of the IQ.
        :param recipient: None: the sender's own account.
        :returns: the payload of the result.
        :raises RequestError: it is refused: as ``pushsvc.wire.errors.ENABLING`` has it.
        :raises TryLater: storage trouble.
        """
        own = None, sender.bare, sender.domain
        if (recipient and recipient.full) not in own or sender.local is None or not self._publisher.serves(sender.bare):
            raise NotAllowed("an account enables push for itself")
        if type != "set" or payload.name not in ("enable", "disable"):
            raise NotAllowed("push services are enabled and disabled")
        if payload.name == "enable":
            return await self._enable(payload, sender)
        service, node = readService(payload)
        # Whoever wants it gone gets it gone, if there was anything or not.
        await self._publisher.disable(sender.bare, service.full, node)
        return None

    async def options(self, asker: str, account: str) -> Element | None:
        """
        What holds for an account, for service discovery; None: that is none of the asker's business.

        :param asker: bare JID.
        """
        if asker != account or not self._publisher.serves(account):
            return None
        return writeOptions(await self._publisher.options(account))

    async def _enable(self, payload: View, sender: Address) -> Element | None:
        enable = readEnable(payload)
        if enable.service.full == sender.full:
            raise BadForm("the service is the client itself")
        now = self._clock.seconds()
        enablement = Enablement(
            sender.bare,
            enable.service.full,
            enable.node or "",
            now,
            now,
            enable.form,
            enable.said,
            enable.extras,
            sender.resource,
        )
        return writeEnabled(await self._publisher.enable(enablement, enable.asked))
