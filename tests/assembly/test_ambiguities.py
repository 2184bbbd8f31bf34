"""
What could be meant in two ways is refused at the start, in a sentence that says where and what to do.
"""

import pytest
from twisted.internet.testing import MemoryReactorClock

from pushsvc.config import ConfigurationError, read
from pushsvc.tap import compose

FRAME = """
[storage]
url = "memory:"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "push.example.net"
secret = "s"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "other.example.net"
secret = "s"
"""
ONE = """
[hosts."push.example.net"]
dialects = ["modpush", "tigase"]
[hosts."other.example.net"]
dialects = []
nodetypes = []
"""
TWO = """
[hosts."push.example.net"]
[hosts."other.example.net"]
nodetypes = []
"""


def app(name, *keys):
    return "\n".join([f"[apps.{name}]", 'provider = "demo"', *keys, ""])


def refusal(text):
    with pytest.raises(ConfigurationError) as caught:
        compose(read(FRAME + text), MemoryReactorClock())
    return str(caught.value)


def test_twoDialectsOneCommand():
    """
    Two dialects of one host that claim one command are refused by their names.
    """
    claiming = ONE.replace('"tigase"', '"tests.claiming"')

    assert "hosts.push.example.net.dialects: modpush and tests.claiming both claim unregister-push" == refusal(claiming)


def test_oneCommandOnTwoHosts():
    """
    On hosts of their own the same command can belong to whom it may.
    """
    text = TWO.replace('[hosts."other.example.net"]', '[hosts."other.example.net"]\ndialects = ["tests.claiming"]')

    assert compose(read(FRAME + text), MemoryReactorClock())


@pytest.mark.parametrize(("defaults", "said"), [((), "0 do"), (("default = true", "default = true"), "2 do")])
def test_twoCandidates(defaults, said):
    """
    Two apps of one network at one host, of which none or both are the default, are refused by their names.
    """
    apps = [app(name, *defaults[at : at + 1]) for at, name in enumerate(("one", "two"))]

    text = refusal(ONE + "".join(apps))

    assert text.startswith("apps.one, apps.two: all are demo apps whose devices register at push.example.net, so one")
    assert text.endswith(f"has to say default = true; {said}")


def test_oneDefault():
    """
    With one default, or at hosts of their own, they can live side by side.
    """
    apart = ['register-host = "push.example.net"'], ['register-host = "other.example.net"']

    assert compose(read(FRAME + ONE + app("one", "default = true") + app("two")), MemoryReactorClock())
    assert compose(read(FRAME + TWO + app("one", *apart[0]) + app("two", *apart[1])), MemoryReactorClock())


def test_oneProviderIdTwice():
    """
    Two apps of one host with one provider id are refused by their names, with the id.
    """
    ids = 'provider-ids = ["tigase:messenger:apns:1"]'

    text = refusal(ONE + app("one", ids, "default = true") + app("two", ids))

    assert text.startswith("apps.one, apps.two: both have 'tigase:messenger:apns:1' among their provider-ids")


def test_oneProviderIdOnTwoHosts():
    """
    At hosts of their own they can be called the same.
    """
    ids = 'provider-ids = ["tigase:messenger:apns:1"]'
    apart = 'register-host = "push.example.net"', 'register-host = "other.example.net"'

    apps = app("one", ids, apart[0]) + app("two", ids, apart[1])

    both = TWO.replace('net"]', 'net"]\ndialects = ["tigase"]')

    composition = compose(read(FRAME + both + apps), MemoryReactorClock())

    assert all("tigase:messenger:apns:1" in host.features for host in composition.hosts.values())


def test_providerIdsOfNobody():
    """
    A provider id at a host where nobody could register by it is refused: clients would find it, and fail.
    """
    ids = 'provider-ids = ["tigase:messenger:apns:1"]'

    text = refusal(ONE.replace(', "tigase"', "") + app("one", ids))

    assert text.startswith("apps.one.provider-ids: whoever looks for these runs register-device, and no dialect of")
    assert text.endswith('add "tigase" to hosts.push.example.net.dialects')
