"""
What Wokkel and Twisted owe us, and what we do until they deliver.

Each workaround tagged COMPAT has a strict xfail here that says what should be: the day it passes, the workaround can
go. They run in a process of their own, without pushsvc, for this one is repaired.
"""

import subprocess
import sys
from subprocess import CalledProcessError

import pytest
from twisted.words.protocols.jabber import jid

from pushsvc import _compat


def python(code: str, *options: str) -> str:
    """
    What a fresh Python says. It fails when that one does.
    """
    return subprocess.run(
        [sys.executable, *options, "-c", code], check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


def test_wokkelImports() -> None:
    """
    Whoever imports anything of pushsvc can import what we use of Wokkel, without a single warning.
    """
    modules = "wokkel.component, wokkel.data_form, wokkel.disco, wokkel.generic, wokkel.ping, wokkel.pubsub"

    assert "fine" == python(f"import pushsvc\nimport {modules}, wokkel.subprotocols\nprint('fine')", "-W", "error")


def test_walkingDictsDoesNotWarn() -> None:
    """
    What Wokkel does thirteen times with each stanza does not warn each time.
    """
    code = """
        import pushsvc
        from wokkel.subprotocols import iteritems, itervalues
        print(list(iteritems({1: 2})), list(itervalues({1: 2})))
    """

    assert "[(1, 2)] [2]" == python("if True:" + code, "-W", "error")


def test_repairingTwiceIsHarmless() -> None:
    """
    A repair that was done is left alone.
    """
    jid.internJID("twice.example")
    remembered = dict(vars(jid)["__internJIDs"])

    _compat.repair()

    assert remembered == vars(jid)["__internJIDs"]


@pytest.mark.parametrize(
    "imports",
    [
        "import pushsvc; from twisted.words.protocols.jabber.component import JID as internJID",
        "from twisted.words.protocols.jabber.component import JID as internJID; import pushsvc",
        "from wokkel.component import JID as internJID; import pushsvc",
    ],
)
def test_W5_rememberedJIDsAreBounded(imports: str) -> None:
    """
    W-5: However many addresses peers make up, only so many are remembered, whoever imported what first.
    """
    code = f"""
        {imports}
        from pushsvc._compat import JIDS_REMEMBERED
        from twisted.words.protocols.jabber import jid
        most = 0
        for i in range(JIDS_REMEMBERED + 100):
            assert internJID(f"{{i}}.example").host == f"{{i}}.example"
            most = max(most, len(vars(jid)["__internJIDs"]))
        print(most == JIDS_REMEMBERED, internJID("0.example") is internJID("0.example"))
    """

    assert "True True" == python("if True:" + code)


def test_W5_veryLongJIDsAreNotRemembered() -> None:
    """
    W-5: A few addresses of a megabyte each do not fill the memory either.
    """
    address = "long.example/" + "x" * 10_000

    known = jid.internJID(address)

    assert address == known.full()
    assert address not in vars(jid)["__internJIDs"]


# What should be.


def owed(reason: str) -> pytest.MarkDecorator:
    """
    This does not work yet; when it does, a workaround can go.
    """
    return pytest.mark.xfail(reason=reason, raises=CalledProcessError, strict=True)


@owed("wokkel.data_form wants twisted.python.compat._PY3: ralphm/wokkel#31")
def test_owed_wokkelImportsUnaided() -> None:
    """
    Wokkel imports on the Twisted it is installed with.
    """
    python("import wokkel.data_form")


@owed("Wokkel imports unicode and StringType, which Twisted deprecated in 21.2")
def test_owed_wokkelImportsNothingDeprecated() -> None:
    """
    Wokkel's modules import without warnings.
    """
    python("from twisted.python import compat; compat._PY3 = True; import wokkel.pubsub", "-W", "error")


@owed("Wokkel calls iteritems and itervalues, which Twisted deprecated in 21.2")
def test_owed_wokkelCallsNothingDeprecated() -> None:
    """
    Handling an IQ with Wokkel does not warn.
    """
    code = """
        import warnings
        from wokkel.subprotocols import IQHandlerMixin
        from twisted.words.xish.domish import Element

        class Handler(IQHandlerMixin):
            iqHandlers = {"/iq": "onRequest"}
            send = staticmethod(lambda answer: None)
            onRequest = staticmethod(lambda iq: None)

        warnings.simplefilter("error")
        Handler().handleRequest(Element((None, "iq")))
    """

    python("if True:" + code)


@owed("internJID never forgets")
def test_owed_twistedForgetsJIDs() -> None:
    """
    Twisted does not remember each address it ever met.
    """
    code = """
        import gc, weakref
        from twisted.words.protocols.jabber.jid import internJID
        first = weakref.ref(internJID("first.example"))
        for i in range(20_000):
            internJID(f"{i}.example")
        gc.collect()
        assert first() is None
    """

    python("if True:" + code)
