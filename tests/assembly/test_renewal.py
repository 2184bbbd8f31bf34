"""
What becomes of apps when the process gets a SIGHUP.
"""

from dataclasses import dataclass, field, fields
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock

from pushsvc.assembly.renewal import RESTARTING
from pushsvc.config import Configuration, ConfigurationError, read
from pushsvc.model import Notification, Target
from pushsvc.tap import compose
from tests.support import resultOf

FRAME = """
[storage]
url = "memory:"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "push.example.net"
secret = "s"
[hosts."push.example.net"]
"""


@dataclass
class House:
    """
    A service and its configuration, which may change.
    """

    folder: Path
    reactor: MemoryReactorClock = field(default_factory=MemoryReactorClock)

    def __post_init__(self) -> None:
        self.word("first")
        self.text = FRAME + self.app("chat")
        self.composition = compose(read(self.text), self.reactor, self._again)
        self.apps = self.composition.apps
        self.delivery = self.composition.service.getServiceNamed("delivery")

    def app(self, name: str, more: str = "") -> str:
        return f'[apps.{name}]\nprovider = "tests.assembly.fickle"\nword-file = "{self.folder}/word"\n{more}\n'

    def word(self, word: str) -> None:
        (self.folder / "word").write_text(word)

    def hangup(self) -> None:
        resultOf(self.composition.service.getServiceNamed("reloading").reload())

    def _again(self) -> Configuration:
        return read(self.text)


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def told(logEvents) -> str:
    return "\n".join(event["log_format"].format(**event) for event in logEvents if "log_format" in event)


def test_newCredentials(house):
    """
    Credentials that the network takes are used from then on.
    """
    house.word("second")

    house.hangup()

    assert "second" == house.apps["chat"].provider.word


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("refused", "chat: what was in use stays: the network refuses the new credentials: never heard of"),
        ("down", "chat: what was in use stays: the network could not be asked about the new credentials: no answer"),
    ],
)
def test_credentialsThatDoNotWork(house, logEvents, word, said):
    """
    Credentials that the network does not take, or could not be asked about, change nothing but the log.
    """
    before = house.apps["chat"]
    house.word(word)

    house.hangup()

    assert before is house.apps["chat"]
    assert said in told(logEvents)


def test_aNetworkThatIsSilent(house, logEvents):
    """
    A network that says nothing keeps no certificate of a link waiting, and for a while only whoever reloads again.
    """
    reloads = []

    async def reload():
        reloads.append("link")

    house.composition.service.getServiceNamed("component push.example.net").reload = reload
    before = house.apps["chat"]
    house.word("silent")
    reloading = house.composition.service.getServiceNamed("reloading")

    reloading.reload()
    again = reloading.reload()
    assert ["link"] == reloads
    house.word("second")
    house.reactor.advance(60)

    assert before is not house.apps["chat"]
    assert ["link", "link"] == reloads and again.called
    assert "the network could not be asked about the new credentials: no answer in time" in told(logEvents)


def test_aProviderThatFailsInItsOwnWay(house, loggedFailures):
    """
    A provider that fails as no provider may changes nothing, and keeps no other app from being renewed.
    """
    house.text += house.app("second", "default = true")
    house.composition = compose(read(house.text), house.reactor, house._again)
    house.word("mad")

    house.hangup()

    assert ["first"] * 2 == [app.provider.word for app in house.composition.apps.values()]
    assert ["ZeroDivisionError"] * 2 == [str(failure.value) for failure in loggedFailures]
    loggedFailures.clear()


def test_filesThatCannotBeRead(house, logEvents):
    """
    An app whose files cannot be read stays as it was; the log names the key.
    """
    before = house.apps["chat"]
    (house.folder / "word").unlink()

    house.hangup()

    assert before is house.apps["chat"]
    assert "what was in use stays: apps.chat: word-file: No such file or directory" in told(logEvents)


def test_aConfigurationThatCannotBeUnderstood(house, logEvents):
    """
    A file with a mistake in it changes nothing; the log names the mistake.
    """
    before = house.apps["chat"]
    house.text += "ttll = 5\n"

    house.hangup()

    assert before is house.apps["chat"]
    assert "apps.chat.ttll: there is no such key; did you mean 'ttl'?" in told(logEvents)


@pytest.mark.parametrize(
    ("more", "last"),
    [
        ("ttl = 5\n", "reloaded"),
        ("ttll = 5\n", "not everything was reloaded: see above"),
        ('app-name = "Chat"\n', "not everything was reloaded: see above"),
        ("[limits]\nburst-per-node = 5\n", "not everything was reloaded: see above"),
    ],
)
def test_theLastWord(house, logEvents, more, last):
    """
    The last line about a reload says whether all of it is in use; it is not said of what stayed as it was.
    """
    house.text += more

    house.hangup()

    assert last == told(logEvents).splitlines()[-1]


def test_options(house):
    """
    Options of an app, its own and those of all, change with its credentials.
    """
    house.text = FRAME + '[app-defaults]\nttl = 5\ncontent = "counts"\n' + house.app("chat", 'content = "none"')

    house.hangup()

    assert (5, "none") == (house.apps["chat"].ttl, house.apps["chat"].content)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("memory:", "memory:x"),
        ("tcp:127.0.0.1:5347", "tcp:127.0.0.1:5348"),
        ('[hosts."push.example.net"]', '[hosts."push.example.net"]\naccess = ["example.net"]'),
        ("[apps.chat]", "[web]\n[apps.chat]"),
        ("[apps.chat]", '[registration]\nlisten = "tcp:8081"\n[apps.chat]'),
        ("[apps.chat]", '[publisher]\ndomains = ["example.net"]\n[apps.chat]'),
        ("[apps.chat]", "[apps.talk]"),
    ],
)
def test_whatTakesARestart(house, logEvents, before, after):
    """
    Whatever else has changed waits for a restart, and is told to.
    """
    house.text = house.text.replace(before, after)

    house.hangup()

    assert ["chat"] == list(house.apps)
    assert "has changed: that takes a restart" in told(logEvents)


@pytest.mark.parametrize("change", ['app-name = "Chat"', "default = true", 'provider-ids = ["chat:1"]'])
def test_whatAnAppIsStays(house, logEvents, change):
    """
    What devices and hosts have been told of an app waits for a restart, with everything else about it.
    """
    before = house.apps["chat"]
    house.text = FRAME + house.app("chat", change)

    house.hangup()

    assert before is house.apps["chat"]
    assert "[apps.chat] has changed in what takes a restart: it stays" in told(logEvents)


def test_everyTableIsLookedAt():
    """
    There is no table of the configuration whose changes would be passed over in silence.
    """
    known = {f.name for f in fields(Configuration)}

    assert known == {*RESTARTING, "apps", "appDefaults"}


def test_anotherNetworkTakesARestart(house):
    """
    Tokens of one network are nothing to another: an app does not change its network while it runs.
    """
    before = house.apps["chat"]
    house.text = FRAME + '[apps.chat]\nprovider = "demo"'

    house.hangup()

    assert before is house.apps["chat"]


def test_noPushIsLost(house):
    """
    What is being sent goes on with the old credentials, what comes then goes with the new; all of it arrives.
    """
    house.composition.storage.open()
    house.delivery.startService()
    old = house.apps["chat"].provider
    old.silence = Deferred()
    resultOf(house.delivery.accept(Target("a", "chat", "token"), Notification()))
    house.word("second")

    house.hangup()
    resultOf(house.delivery.accept(Target("b", "chat", "token"), Notification()))
    old.silence.callback(None)

    assert (["a"], ["b"]) == (old.sent, house.apps["chat"].provider.sent)
    assert {} == resultOf(house.composition.storage.outbox.standings())


def test_withoutAFile(tmp_path):
    """
    Where the configuration is no file, as in an application that embeds us, apps stay as they are.
    """
    house = House(tmp_path)
    composition = compose(read(house.text), house.reactor)
    before = composition.apps["chat"]
    house.word("second")

    resultOf(composition.service.getServiceNamed("reloading").reload())

    assert before is composition.apps["chat"]


def test_aConfigurationThatIsGone(house, logEvents):
    """
    A file that is not there any more changes nothing, and is told.
    """

    def gone() -> Configuration:
        raise ConfigurationError("/etc/pushsvc/pushsvc.toml: cannot be read")

    composition = compose(read(house.text), house.reactor, gone)

    resultOf(composition.service.getServiceNamed("reloading").reload())

    assert "what was in use stays: /etc/pushsvc/pushsvc.toml: cannot be read" in told(logEvents)


def test_whatWaitedIsSent(house):
    """
    When the network takes the new credentials, what waits because it refused the old ones is sent at once.
    """
    house.composition.storage.open()
    house.delivery.startService()
    house.apps["chat"].provider.refuses = True
    for number in range(20):
        resultOf(house.delivery.accept(Target(f"n{number}", "chat", "token"), Notification()))
    house.reactor.advance(60)
    house.word("second")

    house.hangup()
    house.reactor.advance(1)

    assert 20 == len(set(house.apps["chat"].provider.sent)) == len(house.apps["chat"].provider.sent)
    assert {} == resultOf(house.composition.storage.outbox.standings())


def test_limitsTakeARestart(house, logEvents):
    """
    Limits that have changed wait for a restart, and are told to.
    """
    house.text += "[limits]\npublishes-per-node = 5\n"

    house.hangup()

    assert "[limits] has changed: that takes a restart" in told(logEvents)
