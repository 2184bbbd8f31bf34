"""
The composition root, and the files that an operator starts from.
"""

import re
import runpy
from collections.abc import Collection
from dataclasses import fields
from pathlib import Path

import pytest
from twisted.application.service import IService
from twisted.internet.testing import MemoryReactorClock
from twisted.plugin import getPlugins

from pushsvc import kinds, tap
from pushsvc.config import ConfigurationError, kebab, read
from pushsvc.tap import compose
from tests.docs.standins import standing
from tests.standins.certificates import writeServiceAccount

TAP = Path(__file__).parent.parent / "tap"

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


def composed(text: str) -> tap.Composition:
    return compose(read(FRAME + text), MemoryReactorClock())


def refusal(text: str, frame: str = FRAME) -> str:
    with pytest.raises(ConfigurationError) as caught:
        compose(read(frame + text), MemoryReactorClock())
    return str(caught.value)


def test_twistdKnowsPushsvc():
    """
    ``twistd pushsvc`` is there once the package is installed.
    """
    from twisted.application.service import IServiceMaker

    import twisted.plugins

    makers = {maker.tapname: maker.module for maker in getPlugins(IServiceMaker, twisted.plugins)}

    assert "pushsvc.tap" == makers["pushsvc"]


def test_thePartsHaveNames():
    """
    The service is made of named parts, so that what embeds it finds them; none has opened anything yet.
    """
    reactor = MemoryReactorClock()

    service = compose(read(FRAME), reactor).service

    names = ["delivery", "component push.example.net", "reloading", "credentials", "expiry"]
    assert names == [part.name for part in service]
    assert [] == reactor.tcpClients + reactor.getDelayedCalls()


@pytest.mark.parametrize("file", sorted(TAP.glob("*.toml")), ids=lambda file: file.name)
def test_theFilesOfTapWork(file, tmp_path):
    """
    Every configuration that operators start from is understood, and can be composed once the files it names exist.
    """
    text = standing(file.read_text(), tmp_path)

    composition = compose(read(text), MemoryReactorClock())

    assert composition.apps


def test_theTacWorks():
    """
    The example for embedding pushsvc makes an application.
    """
    made = runpy.run_path(str(TAP / "embedding.tac"))

    assert IService(made["application"]).name == "embedding"
    assert made["delivery"].name == "delivery"


def test_theCompleteFileIsComplete():
    """
    tap/pushsvc.toml shows every kind and every key that there is, in the table where it belongs.
    """
    from pushsvc.config import AppOptions, Host, Limits, Publisher, Registration, Storage, Web
    from pushsvc.config.hosts import Contact

    tables = tablesOf((TAP / "pushsvc.toml").read_text())
    apps = "".join(text for head, text in tables if head.startswith(("[apps.", "[app-defaults]")))

    shown = {
        "[storage]": Storage,
        "[web]": Web,
        "[registration]": Registration,
        "[limits]": Limits,
        "[publisher]": Publisher,
        '[hosts."push.example.org"]': Host,
        '[hosts."push.example.org".contact]': Contact,
    }
    missing = [f"{head} {key}" for head, options in shown.items() for key in lacking(options, dict(tables)[head])]
    missing += [f"[apps.*] {key}" for key in lacking(AppOptions, apps)]
    common = {f.name for f in fields(AppOptions)}
    for folder, word in (("links", "kind"), ("publisher.feeds", "kind"), ("providers", "provider")):
        for kind in kinds.names(folder.removeprefix("publisher.")):
            texts = [text for _, text in tables if f'{word} = "{kind}"' in text]
            options = kinds.load(folder.removeprefix("publisher."), kind).Options
            lacks = lacking(options, "".join(texts), common if folder == "providers" else ())
            missing += [f"{folder} {kind} {key}" for key in lacks] if texts else [f"{folder} {kind}"]

    assert [] == missing


def tablesOf(text: str) -> list[tuple[str, str]]:
    """
    The tables of a file: what stands at the head of each, and all of it.
    """
    found = re.split(r"^(\[.*?\]) *(?:#.*)?$", text, flags=re.MULTILINE)[1:]
    return list(zip(found[::2], found[1::2], strict=True))


def lacking(options: type, text: str, known: Collection[str] = ()) -> list[str]:
    """
    Keys that a table does not show, neither as a line nor in a comment that says "or key = ".
    """
    # Tables of their own.
    elsewhere = {"contact", "certificates", "feeds"}
    keys = [kebab(f.name) for f in fields(options) if f.name not in known and kebab(f.name) not in elsewhere]
    return [key for key in keys if not re.search(rf"^(# )?(.*\bor )?{key} = ", text, re.MULTILINE)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[apps.x]\nprovider = "fcmm"', "apps.x.provider: there is no 'fcmm' among providers"),
        ('[apps.x]\nprovider = "fcmm"', "did you mean 'fcm'?"),
        ('[apps.x]\nprovider = "fcm"', "apps.x.service-account: is missing"),
        ('[apps.x]\nprovider = "demo"\nttll = 1', "apps.x.ttll: there is no such key; did you mean 'ttl'?"),
        ('[apps.x]\nprovider = "demo"\nregister-host = "a.b"', "apps.x.register-host: 'a.b' is not among"),
        ('[app-defaults]\nttll = 1\n[apps.x]\nprovider = "demo"', "app-defaults.ttll: no app has such a key"),
        ('[hosts."other.example.net"]', "hosts.other.example.net: no link serves it"),
        ('[[links]]\nkind = "s3s"', "links.1.kind: there is no 's3s' among links"),
        ('[[links]]\nkind = "component"', "links.1.endpoint: is missing"),
        (
            '[apps.x]\nprovider = "demo"\n[apps.y]\nprovider = "demo"',
            "apps.x, apps.y: all are demo apps whose devices register at push.example.net",
        ),
    ],
)
def test_whatIsWrongIsNamed(text, said):
    """
    A configuration that cannot work is refused with the place, the reason, and the likely cure.
    """
    assert said in refusal(text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('nodetypes = ["push", "flat"]', "hosts.push.example.net.nodetypes: nodes of type 'flat' have to be created"),
        ('access = ["a@@b"]', "hosts.push.example.net.access: 'a@@b' is not a domain or a bare JID"),
        ('access = ["juliet@example.net/x"]', "hosts.push.example.net.access: "),
        ('publishers = ["a@example.org"]', "hosts.push.example.net.publishers: 'a@example.org' is not a domain"),
    ],
)
def test_rulesThatCouldNeverFitAreRefused(line, said):
    """
    An access rule that no JID could fit is a mistake, not a locked door.
    """
    assert said in refusal("", FRAME + line)


def test_rulesArePrepared():
    """
    Domains in rules may be written in any letter case.
    """
    composition = composed('access = ["Example.ORG"]\npublishers = ["owner", "EXAMPLE.net"]')

    host = composition.hosts["push.example.net"]
    assert (("example.org",), ("owner", "example.net")) == (host.access.entries, host.publishers)


def test_aDomainHasOneLink():
    """
    Two links that serve one domain are a mistake.
    """
    link = FRAME[FRAME.index("[[links]]") : FRAME.index("[hosts")]

    assert "hosts.push.example.net: several links serve it" in refusal("", FRAME.replace(link, link + link))


def test_aStorageThatCannotBeOpenedEndsTheStart(tmp_path, logEvents):
    """
    A service whose database cannot be opened does not start; one line in the log says which and why.
    """
    text = FRAME.replace("memory:", f"sqlite:///{tmp_path}/nowhere/pushsvc.db")
    service = compose(read(text), MemoryReactorClock()).service

    with pytest.raises(SystemExit):
        service.startService()

    (event,) = [event for event in logEvents if event["log_level"].name == "critical"]
    assert f"{tmp_path}/nowhere/pushsvc.db" in event["reason"]


def test_unknownStorage():
    """
    A storage URL that nobody understands is refused.
    """
    frame = FRAME.replace("memory:", "nosuch://x")

    assert "storage.url: " in refusal("", frame)


def test_severalAppsShareAHostWhenOneIsTheDefault():
    """
    Several apps of one network may share a host; one of them is the default.
    """
    composition = composed('[apps.x]\nprovider = "demo"\ndefault = true\n[apps.y]\nprovider = "demo"')

    assert {"x", "y"} == set(composition.apps)


def test_appDefaultsFillIn():
    """
    What app-defaults say holds for every app that does not say otherwise, and only where it makes sense.
    """
    composition = composed(
        '[app-defaults]\nttl = 60\n[apps.x]\nprovider = "demo"\ndefault = true\n[apps.y]\nprovider = "demo"\nttl = 5\n'
    )

    assert (60, 5) == (composition.apps["x"].ttl, composition.apps["y"].ttl)


def test_gcmIsAnOldNameOfFcm(tmp_path):
    """
    A configuration that still says gcm means fcm.
    """
    account = writeServiceAccount(tmp_path / "service-account.json", "https://oauth2.googleapis.com/token")

    composition = composed(f'[apps.x]\nprovider = "gcm"\nservice-account = "{account}"')

    assert "fcm" == composition.apps["x"].kind


def test_twoDialectsThatClaimTheSameCommand():
    """
    Two dialects of one host that claim the same command are a mistake in the configuration.
    """
    frame = FRAME + 'dialects = ["modpush", "tests.claiming"]\n'

    assert "modpush and tests.claiming both claim unregister-push" in refusal("", frame)


def test_secretsAreNotShown(monkeypatch):
    """
    Neither a configuration nor what is made of it shows its secrets.
    """
    monkeypatch.setenv("COMPONENT_SECRET", "very-secret")
    text = FRAME.replace('"s"', '"${COMPONENT_SECRET}"')

    composition = compose(read(text), MemoryReactorClock())

    assert "very-secret" not in repr(composition)


def test_optionsNameTheFile():
    """
    twistd's option says which configuration to use.
    """
    options = tap.Options()
    options.parseOptions(["--config", str(TAP / "demo.toml")])

    assert IService.providedBy(tap.makeService(options))


def test_anUnusableConfigurationEndsTwistd():
    """
    twistd ends with one line that says what is wrong.
    """
    with pytest.raises(SystemExit) as caught:
        tap.makeService({"config": "/nonexistent/pushsvc.toml"})

    assert "pushsvc: /nonexistent/pushsvc.toml: cannot be read" in str(caught.value)

