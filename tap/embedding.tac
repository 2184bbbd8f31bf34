# A small server on Wokkel with both halves of pushsvc in its process: twistd -ny tap/embedding.tac
#
# Its accounts are at localhost. They register their devices at localhost too (as in every example of mod_push), enable
# push there, and what is put aside for them wakes their phones: the demo network says so in the log.

from twisted.application.internet import StreamServerEndpointService
from twisted.application.service import Application
from twisted.internet import reactor
from twisted.internet.endpoints import serverFromString
from twisted.words.protocols.jabber.component import Router
from twisted.words.protocols.jabber.jid import JID

from pushsvc.config import read
from pushsvc.links.embedded import EmbeddedLink
from pushsvc.tap import compose

# isort: split
# pushsvc has made Wokkel understand the Twisted of today.
from wokkel.component import XMPPComponentServerFactory
from wokkel.disco import DiscoHandler
from wokkel.subprotocols import XMPPHandler

from pushsvc.event import Event, Occasion
from pushsvc.feeds.telling import Telling
from pushsvc.wire.stanzas import readStanza
from pushsvc.wire.view import viewOf

CONFIGURATION = """
[storage]
url = "memory:"

[hosts."localhost"]            # where devices register
nodetypes = []

[hosts."push.localhost"]       # where their nodes are
dialects = []

[apps.demo]
provider = "demo"
content = "counts"

[publisher]
domains = ["localhost"]
host = "push.localhost"
publish-from = "server"
"""


class Accounts(XMPPHandler):
    """
    What a server does for its accounts, as far as this one does: it knows who is there, and puts aside what comes for
    who is not.
    """

    def __init__(self, publisher):
        super().__init__()
        self.telling = Telling(publisher, reactor)
        # Full JID to what takes stanzas for it: the stream of a client, in a server that has such.
        self.present = {}
        self.putAside = {}

    def connectionInitialized(self):
        self.xmlstream.addObserver("/*", self.onStanza, -2)

    def onStanza(self, stanza):
        recipient = JID(stanza.getAttribute("to", "localhost"))
        if recipient.user is None or recipient.host != "localhost" or getattr(stanza, "handled", False):
            return
        if stanza.name == "iq" and recipient.resource is None:
            # What is asked of an account its server answers: the handlers beside this one.
            return
        here = [take for jid, take in self.present.items() if recipient.full() in (jid, JID(jid).userhost())]
        for take in here:
            take(stanza)
        if not here and stanza.name == "message":
            self.putAside.setdefault(recipient.userhost(), []).append(stanza)
            event = Event(
                Occasion.OFFLINE,
                recipient.userhost(),
                stanzas=(readStanza(viewOf(stanza), recipient.userhost()),),
            )
            # Until it is taken: the storage may rest.
            self.telling.tell(event)


router = Router()
link = EmbeddedLink(router, ["localhost", "push.localhost"])
composition = compose(read(CONFIGURATION), reactor, embedded=[link])
accounts = Accounts(composition.publisher)
for handler in (DiscoHandler(), accounts):
    handler.setHandlerParent(link)

application = Application("embedding")
composition.service.setServiceParent(application)
# Bots, gateways and the like join as components (XEP-0114).
components = serverFromString(reactor, "tcp:5347:interface=127.0.0.1")
StreamServerEndpointService(components, XMPPComponentServerFactory(router, "demo")).setServiceParent(application)

# The parts have names, and values that can be used:
delivery = composition.service.getServiceNamed("delivery")
demo = composition.apps["demo"].provider
