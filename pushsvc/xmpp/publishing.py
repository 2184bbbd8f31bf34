"""
Publishing to push services elsewhere: the half of XEP-0357 that speaks first.

Requests are matched with their answers by id, by who answers and by who is answered: an id alone would let anybody who
guesses it say that a device is gone.
"""

from collections.abc import Callable, Mapping
from secrets import token_hex

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.interfaces import IReactorTime
from twisted.words.xish.domish import Element
from zope.interface import implementer

from pushsvc.errors import NoSuchNode, RequestError, TryLater, Undisclosed
from pushsvc.ipushsvc import IPushService
from pushsvc.jids import addressOf
from pushsvc.model import Notification
from pushsvc.wire.enabling import replayed
from pushsvc.wire.errors import readError
from pushsvc.wire.namespaces import NS_CLIENT
from pushsvc.wire.privilege import answerIn, asAccount
from pushsvc.wire.publishing import writeFarewell, writePublish
from pushsvc.wire.view import viewOf
from pushsvc.xmpp.edge import Handler
from pushsvc.xmpp.voices import Voices

# Seconds that an answer is waited for. Servers give up before: ejabberd after 32 seconds.
PATIENCE = 45.0
# The same, for whoever has been waited for once already.
LITTLE_PATIENCE = 10.0


@implementer(IPushService)
class Publishing:
    """
    What was published, and not answered yet.
    """

    def __init__(self, send: Callable[[Element], object], clock: IReactorTime, voices: Voices | None = None) -> None:
        """
        :param send: takes a stanza, and finds the link by which it leaves.
        :param voices: in whose name we speak for accounts; None: we do not.
        """
        self._send = send
        self._clock = clock
        self._voices = voices
        self._unanswered: dict[tuple[str, str, str], Deferred[Element]] = {}

    async def publish(
        self,
        sender: str,
        service: str,
        node: str | None,
        notification: Notification,
        options: Mapping[str, tuple[str, ...]],
        pushId: str,
    ) -> None:
        await self._ask(sender, service, pushId, writePublish(node, notification, options))

    async def publishFor(
        self, account: str, service: str, node: str | None, notification: Notification, form: str, pushId: str
    ) -> None:
        voice = self._voices.of(account) if self._voices is not None else None
        if voice is None:
            raise TryLater("nobody may publish for this account now")

        def pubsub() -> Element:
            return writePublish(node, notification, replayed(form) if form else {})

        if voice.privilege is None:
            await self._ask(voice.sender, service, pushId, pubsub())
            return
        # The id within must be a new one each time: for some minutes servers take what repeats for a replay.
        inner = Element((NS_CLIENT, "iq"), attribs={"type": "set", "to": service, "id": token_hex(16)})
        inner.addChild(pubsub())
        try:
            await self._ask(voice.sender, account, pushId, asAccount(inner, voice.privilege))
        except Undisclosed as undisclosed:
            await self._askOurselves(voice.sender, service, pushId, pubsub(), undisclosed)

    async def _askOurselves(
        self, sender: str, service: str, pushId: str, pubsub: Element, undisclosed: Undisclosed
    ) -> None:
        # What a service says to us: that there is no such node it would have said to the account too; that it takes
        # nothing from us says nothing of what it takes from the account.
        try:
            await self._ask(sender, service, pushId, pubsub, LITTLE_PATIENCE)
        except NoSuchNode:
            raise
        except RequestError:
            raise undisclosed from None

    async def farewell(self, account: str, service: str, node: str | None, form: str) -> None:
        voice = self._voices.of(account) if self._voices is not None else None
        if voice is None:
            raise TryLater("nobody may publish for this account now")
        # Not as the account: that is gone.
        pubsub = writeFarewell(node, replayed(form) if form else {})
        await self._ask(voice.sender, service, token_hex(16), pubsub)

    def answered(self, iq: Element) -> bool:
        """
        Take an answer.

        :returns: whether it was awaited.
        """
        who = [addressOf(iq.getAttribute(name, "")) for name in ("to", "from")]
        to, sender = [address.full if address is not None else "" for address in who]
        awaiting = self._unanswered.get((to, sender, iq.getAttribute("id", "")))
        if awaiting is None:
            return False
        awaiting.callback(iq)
        return True

    async def _ask(
        self, sender: str, recipient: str, id: str, payload: Element, patience: float = PATIENCE
    ) -> None:
        iq = Element((None, "iq"), attribs={"type": "set", "from": sender, "to": recipient, "id": id})
        iq.addChild(payload)
        answer = viewOf(await self._answer(iq, (sender, recipient, id), patience))
        inner = answerIn(answer)
        if inner is None and answer.attribute("type") == "error" and payload.name == "privileged_iq":
            # What went wrong Prosody keeps to itself: it may have been anything.
            raise Undisclosed("publishing in the name of the account failed")
        answer = inner or answer
        if answer.attribute("type") == "error":
            raise readError(answer)

    async def _answer(self, iq: Element, key: tuple[str, str, str], patience: float) -> Element:
        awaiting: Deferred[Element] = Deferred()
        # Who asks again has given up the first time: nobody listens to two answers.
        self._unanswered[key] = awaiting
        try:
            self._send(iq)
            return await awaiting.addTimeout(patience, self._clock)
        except DeferredTimeout:
            raise TryLater("no answer in time") from None
        finally:
            if self._unanswered.get(key) is awaiting:
                del self._unanswered[key]


class Answers(Handler):
    """
    Hands the answers of one link to who awaits them.
    """

    def __init__(self, publishing: Publishing) -> None:
        super().__init__()
        self._publishing = publishing

    def connectionInitialized(self) -> None:
        for type in ("result", "error"):
            self.observe(f"/iq[@type='{type}']", self.onAnswer, 1)

    def take(self, iq: Element) -> bool:
        """
        Somebody answers, perhaps us. A link that has no need of Wokkel's ways of finding out asks us first.

        :returns: whether nobody else needs to see it.
        """
        if iq.name != "iq" or iq.attributes.get("type") not in ("result", "error"):
            return False
        return self._publishing.answered(iq)

    def onAnswer(self, iq: Element) -> None:
        """
        The same, for streams that are nobody's link.
        """
        if self.take(iq):
            iq.__dict__["handled"] = True
