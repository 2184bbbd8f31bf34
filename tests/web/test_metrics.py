"""
What is counted, and how it is called.
"""

import re
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from pushsvc.errors import NoSuchNode, ProviderRefused, Refused
from pushsvc.hosts import ServedHost
from pushsvc.model import Target
from pushsvc.web.census import LASTS
from pushsvc.xmpp.handlers import makeHandlers
from pushsvc.xmpp.ongoing import Ongoing
from pushsvc.xmpp.sessions import Sessions
from tests.delivery.network import says
from tests.support import resultOf
from tests.xmpp.player import Player
from tests.xmpp.test_publish import publishing
from tests.xmpp.world import Nodes

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "metrics.md"


def test_pushes(pushing):
    """
    Attempts are counted by app and by what became of them; those that run are shown.
    """
    pushing.network.answers = [True, Refused(), Deferred()]

    for node in "abc":
        pushing.accept(says(node), Target(node, "app", "token"))

    assert 'pushsvc_pushes_total{app="app",verdict="delivered"} 1.0' in pushing.served
    assert 'pushsvc_pushes_total{app="app",verdict="rejected"} 1.0' in pushing.served
    assert 'pushsvc_pushes_in_flight{app="app"} 1.0' in pushing.served


def test_attemptsThatEndInABugAreOver(pushing, loggedFailures):
    """
    An attempt that came to nothing is in flight no longer.
    """
    pushing.network.answers = [ZeroDivisionError()]

    pushing.accept(says("1"))

    assert 'pushsvc_pushes_in_flight{app="app"} 0.0' in pushing.served
    assert 'pushsvc_pushes_total{app="app",verdict="crashed"} 1.0' in pushing.served
    loggedFailures.clear()


def test_thereIsAZeroBeforeTheFirst(pushing):
    """
    What has not happened yet is there as a zero, so that its first time is an increase.
    """
    assert 'pushsvc_pushes_total{app="app",verdict="delivered"} 0.0' in pushing.served
    assert 'pushsvc_publishes_total{answer="accepted",host="push.example.net"} 0.0' in pushing.served
    assert 'pushsvc_outbox{app="app"} 0.0' in pushing.served


def test_publishes(clock, loggedFailures):
    """
    Publishes are counted by host and answer, a bug of ours among them; that they look alike to the sender, where
    errors are uniform, changes nothing.
    """
    nodes = Nodes()
    host = ServedHost("push.example.net", tree=nodes, types={"push": nodes}, uniformErrors=True)
    player = Player(makeHandlers({host.name: host}, Sessions(clock), Ongoing(clock)))

    for stanza in (
        publishing(),
        publishing(options="", id="b"),
        publishing(node="node='other'", id="c"),
        publishing(node="", id="d"),
        publishing(node="node='broken'", id="e"),
    ):
        player.ask(stanza)

    answers = {"accepted": 1, "WrongSecret": 1, "NoSuchNode": 1, "BadPublish": 1, "ZeroDivisionError": 1}
    assert answers == host.answers
    loggedFailures.clear()


def test_answersAreWords(pushing):
    """
    An answer bears the name of its error, spelt as labels are.
    """
    pushing.host.answers[NoSuchNode.__name__] += 2

    assert 'pushsvc_publishes_total{answer="no-such-node",host="push.example.net"} 2.0' in pushing.served


def test_whatIsStored(pushing):
    """
    Registrations and what waits are counted by app, with the age of the oldest that waits.
    """
    pushing.registered("a")
    pushing.registered("b")
    pushing.network.answers = [Deferred(), Deferred()]
    pushing.accept(says("1"), Target("a", "app", "token"))
    pushing.clock.advance(7)
    pushing.accept(says("2"), Target("b", "app", "token"))

    assert 'pushsvc_registrations{app="app"} 2.0' in pushing.served
    assert 'pushsvc_outbox{app="app"} 2.0' in pushing.served
    assert 'pushsvc_outbox_oldest_seconds{app="app"} 7.0' in pushing.served


def test_storedThingsAreCountedSeldom(pushing):
    """
    However often the page is asked for, what takes a walk through the whole storage is counted now and then only.
    """
    before = pushing.served
    pushing.registered("a")
    soon = pushing.served
    pushing.clock.advance(LASTS)

    assert 'pushsvc_registrations{app="app"} 0.0' in before
    assert 'pushsvc_registrations{app="app"} 0.0' in soon
    assert 'pushsvc_registrations{app="app"} 1.0' in pushing.served


def test_aStorageThatIsDown(pushing):
    """
    When the storage does not answer, that is told, and so is everything that is known without it.
    """
    resultOf(pushing.storage.close())

    assert "pushsvc_storage_up 0.0" in pushing.served
    assert "pushsvc_registrations" not in "\n".join(pushing.served)
    assert 'pushsvc_pushes_in_flight{app="app"} 0.0' in pushing.served


def test_aStorageThatIsSilent(pushing):
    """
    A storage that says nothing is not waited for any longer than a scraper would.
    """

    async def silence():
        await Deferred()

    pushing.storage.registrations.counts = silence
    pages = []
    Deferred.fromCoroutine(pushing.metrics.page("")).addCallback(lambda page: pages.append(page[0].decode()))

    assert [] == pages
    pushing.clock.advance(5)

    assert "pushsvc_storage_up 0.0" in pages[0]


def test_countingTakesLong(pushing):
    """
    While it is being counted, whoever asks waits for that count, and when it ends it counts for the next: what is slow
    is not made slower.
    """
    counts = []

    async def slowly():
        counts.append(Deferred())
        return await counts[-1]

    pushing.storage.registrations.counts = slowly
    pages = []

    def visit():
        Deferred.fromCoroutine(pushing.metrics.page("")).addCallback(lambda page: pages.append(page[0].decode()))

    visit()
    visit()
    pushing.clock.advance(5)
    visit()
    assert 2 == len(pages)

    counts[0].callback({"app": 7})

    assert 'pushsvc_registrations{app="app"} 7.0' in pages[2]
    assert 'pushsvc_registrations{app="app"} 7.0' in pushing.served
    assert 1 == len(counts)


def test_alarms(pushing):
    """
    An alarm is shown until it has passed.
    """
    pushing.network.answers = [ProviderRefused("no")]
    pushing.accept(says("1"))
    alarm = 'pushsvc_alarm{alarm="refused",app="app"} 1.0'

    during = pushing.served
    pushing.clock.advance(60)

    assert alarm in during
    assert alarm not in pushing.served


def test_lanes(pushing):
    """
    It is told how many ways to a network are left alone because they failed.
    """
    before = pushing.served
    pushing.network.answers = [ProviderRefused("no")] * 100

    for number in range(10):
        pushing.accept(says("1"), Target(f"n{number}", "app", "token"))

    assert 'pushsvc_lanes_shut{app="app"} 0.0' in before
    assert 'pushsvc_lanes_shut{app="app"} 1.0' in pushing.served


def test_merged(pushing):
    """
    Publishes that a limit made wait are counted by limit.
    """
    pushing.limits.merged["domain"] += 2

    assert 'pushsvc_publishes_merged_total{limit="domain"} 2.0' in pushing.served
    assert 'pushsvc_publishes_merged_total{limit="node"} 0.0' in pushing.served


def test_expired(pushing):
    """
    What was dropped undelivered because its time was over is counted.
    """
    pushing.network.answers = [ProviderRefused("no")] * 100_000
    pushing.accept(says("1"))

    pushing.clock.pump([60] * 1500)

    assert "pushsvc_pushes_expired_total 1.0" in pushing.served


def test_linksAndCertificates(pushing):
    """
    It is told which links are up, and until when certificates are good.
    """
    pushing.link.ends = {"push.example.net": 1_800_000_000.0}
    up = pushing.served
    pushing.link.why = "gone"

    assert 'pushsvc_link_up{link="component push.example.net"} 1.0' in up
    assert 'pushsvc_link_up{link="component push.example.net"} 0.0' in pushing.served
    assert 'pushsvc_host_certificate_ends_timestamp_seconds{host="push.example.net"} 1.8e+09' in up


def test_nobodyIsNamed(pushing):
    """
    Neither a node, a token, an account nor a network's lane, which a client may have chosen, is on the page.
    """
    pushing.network.laneName = "https://lane.chosen.example"
    pushing.registered("node-of-juliet", "token-of-juliet")

    pushing.accept(says("body"), Target("node-of-juliet", "app", "token-of-juliet"))

    page = "\n".join(pushing.served)
    for hidden in ("node-of-juliet", "token-of-juliet", "juliet@", "lane.chosen", "romeo@", "body"):
        assert hidden not in page


def test_thePageInTheManual(pushing):
    """
    docs/reference/metrics.md lists every metric that is served, with its labels, and no other.
    """
    rows = re.findall(r"^\| `((?:pushsvc|process)_\w+)` \| (\w+) \|([^|]*)\|", PAGE.read_text(), re.MULTILINE)
    written = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}

    families = resultOf(pushing.metrics.families())

    served = {}
    for family in families:
        suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
        kind = "gauge" if family.type == "info" else family.type
        served[family.name + suffix] = (kind, set(getattr(family, "_labelnames", ())))
    served["pushsvc_info"] = ("gauge", {"version"})
    assert written == served


@pytest.mark.parametrize(
    ("accept", "type"),
    [("", "text/plain"), ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text")],
)
def test_bothFormats(pushing, accept, type):
    """
    The page is in the format that the asker takes.
    """
    page, contentType = resultOf(pushing.metrics.page(accept))

    assert contentType.startswith(type)
    assert page.endswith(b"# EOF\n") == ("openmetrics" in type)


def test_aClockThatIsSetBack(pushing, clock: Clock):
    """
    After the clock was set back, what was counted before is from the future, and is counted anew.
    """
    assert 'pushsvc_registrations{app="app"} 0.0' in pushing.served
    pushing.registered("a")
    clock.rightNow -= 3600

    assert 'pushsvc_registrations{app="app"} 1.0' in pushing.served
