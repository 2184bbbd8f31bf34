"""
The configuration: what an operator writes, and what is said when it is wrong.
"""

import pytest
from pydantic import SecretStr
from twisted.internet.interfaces import IStreamClientEndpoint, IStreamServerEndpoint
from twisted.internet.testing import MemoryReactorClock

from pushsvc.config import AppOptions, ConfigurationError, Host, build, kebab, read, readFile, secret
from pushsvc.config.endpoints import connectingTo, listeningAt


def refusal(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "key"), [("ttl", "ttl"), ("maxInFlight", "max-in-flight"), ("key1Id", "key1-id"), ("url", "url")]
)
def test_keysAreKebabCase(name, key):
    """
    What is camelCase in code has hyphens in the file.
    """
    assert key == kebab(name)


def test_hostsHaveDefaults():
    """
    A host that says nothing is a virtual push host at which devices register in mod_push's vocabulary.
    """
    (host,) = read('[hosts."push.example.org"]').hosts.values()

    assert Host("virtual", ("push",), ("modpush",)) == host


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[storag]", "storag: there is no such key; did you mean 'storage'?"),
        ("[storage]\nurll = 'x'", "storage.urll: there is no such key; did you mean 'url'?"),
        ("[storage]\nzzz = 'x'", "storage.zzz: there is no such key"),
        ('[hosts."a.b"]\nnode-tree = "x"', "hosts.a.b.node-tree: there is no such key; did you mean 'nodetree'?"),
        ('[hosts."a.b"]\naccess = "x"', "hosts.a.b.access: this is a list"),
        ('[hosts."a.b"]\nuniform-errors = "perhaps"', "hosts.a.b.uniform-errors: Input should be a valid boolean"),
        ('[hosts."a.b"]\nwithdrawals = ["x"]', "hosts.a.b.withdrawals.0: Input should be 'xep-0357' or 'mod_push'"),
        ("[apps.x]\nttl = 1", "apps.x: provider is missing"),
        ("[apps.x]\nprovder = 'fcm'", "apps.x: provider is missing; is 'provder' meant to be it?"),
        ("[apps.x]\nprovider = 3", 'apps.x.provider: this is text: "…"'),
        ("[[links]]\ndomain = 'x'", "links.0: kind is missing"),
        ("apps = 3", "apps: this is a table"),
        ("[storage", "configuration: not TOML: "),
        ("apps = " + 5000 * "[", "configuration: not TOML: too many brackets within brackets"),
        ("apps = " + 5000 * "9", "configuration: not TOML: Exceeds the limit"),
        ("[limits]\nburst-per-node = true", "limits.burst-per-node: this is no number"),
        ('[hosts."a..b"]', 'hosts."a..b": this is not a domain'),
        ('[hosts."me@a.b"]', 'hosts."me@a.b": this is not a domain'),
        ('[hosts."Push.Example.ORG"]', 'hosts."Push.Example.ORG": write [hosts."push.example.org"]'),
        ('[hosts."push.example.org."]', 'hosts."push.example.org.": write [hosts."push.example.org"]'),
        ("[apps.'']\nprovider = 'demo'", "apps: '' cannot be the name of an app"),
        ('[apps."a\\u0001"]\nprovider = "demo"', r"apps: 'a\x01' cannot be the name of an app"),
    ],
)
def test_whatIsWrongIsNamed(text, said):
    """
    An unknown key or a wrong value is refused with its place, and with the key that was likely meant.
    """
    assert said in refusal(text)


def test_everythingWrongIsNamedAtOnce():
    """
    One look at the errors is enough to mend a file.
    """
    said = refusal("[storag]\n[storage]\nurll = 'x'")

    assert 2 == len(said.splitlines())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[links]\nkind = "component"', "links: there may be several: write [[links]]"),
        ('[publisher]\ndomains = ["a"]\nfeeds = {}', "publisher.feeds: there may be several: write [[publisher."),
        ('[hosts."a.b"]\naccess = "c"', 'hosts.a.b.access: this is a list: ["…"]'),
        ("[hosts.push.example.org]", 'a name with dots stands in quotes: [hosts."push.…"]'),
        ('[apps]\nprovider = "fcm"', "apps.provider: this is a table"),
        ("[storage]\nurl = 3", 'storage.url: this is text: "…"'),
        ('[hosts."a.b".contact]\nadmin = ["me@a.b"]', "hosts.a.b.contact.admin.0: not a URI"),
    ],
)
def test_whatIsUsuallyWrittenWrong(text, said):
    """
    What is wrong is said in the words of the file.
    """
    assert said in refusal(text)


@pytest.mark.parametrize("key", ["app-name", "provider-ids"])
@pytest.mark.parametrize("name", ["", " a", "a\0", "a\nb", "\u202ea"])
def test_whatIsShownCanBeShown(key, name):
    """
    What is shown to whoever asks is a word that fits into XML, and into a line of the log.
    """
    with pytest.raises(ConfigurationError, match=rf"apps\.x\.{key}.*: this is no name: a word is"):
        build(AppOptions, {"provider": "demo", key: name if key == "app-name" else [name]}, "apps.x")


@pytest.mark.parametrize("key", ["ttl", "max-in-flight"])
def test_truthIsNoNumber(key):
    """
    What is true or false is not taken for a number.
    """
    with pytest.raises(ConfigurationError, match=rf"apps\.x\.{key}: this is no number"):
        build(AppOptions, {"provider": "demo", key: True}, "apps.x")


@pytest.mark.parametrize("ttl", [0, -1, 2419201, '"a"'])
def test_appOptionsHaveBounds(ttl):
    """
    Values that no network takes are refused.
    """
    with pytest.raises(ConfigurationError, match=r"apps\.x\.ttl: "):
        build(AppOptions, {"provider": "demo", "ttl": ttl}, "apps.x")


def test_environmentIsUsed(monkeypatch):
    """
    A value may come from the environment.
    """
    monkeypatch.setenv("DATABASE", "memory:")

    assert "memory:" == read('[storage]\nurl = "${DATABASE}"').storage.url


def test_missingEnvironmentIsNamed(monkeypatch):
    """
    A variable that is not set is named, with the place that wants it.
    """
    monkeypatch.delenv("DATABASE", raising=False)

    assert "storage.url: the environment has no DATABASE" == refusal('[storage]\nurl = "${DATABASE}"')


def test_appDefaultsFillIn():
    """
    Every app has the keys of app-defaults, and its own win.
    """
    apps = read('[app-defaults]\nttl = 1\nprovider = "demo"\n[apps.x]\n[apps.y]\nttl = 2').apps

    assert {"x": {"ttl": 1, "provider": "demo"}, "y": {"ttl": 2, "provider": "demo"}} == apps


def test_defaultsOfOtherNetworksDoNoHarm():
    """
    A default that only other networks have is no unknown key.
    """
    options = build(AppOptions, {"provider": "demo", "topic": "x"}, "apps.x", {"topic": "x"})

    assert "demo" == options.provider


def test_secretsComeFromFiles(tmp_path):
    """
    A secret stands in a file of its own; the line's end does not belong to it.
    """
    (tmp_path / "secret").write_text("hush\n")

    assert "hush" == secret("links.0", "secret", None, tmp_path / "secret")
    assert "hush" == secret("links.0", "secret", SecretStr("hush"), None)


@pytest.mark.parametrize(
    ("inline", "file", "said"),
    [
        (None, None, "links.0: secret-file (or secret) is missing"),
        ("hush", "secret", "links.0: secret and secret-file: one of them"),
        (None, "nowhere", "links.0.secret-file: "),
        ("", None, "links.0.secret: is empty"),
        (None, "empty", "links.0.secret-file: is empty"),
    ],
)
def test_secretsAreUnambiguous(tmp_path, inline, file, said):
    """
    A secret that is not there, or there twice, is an error; the secret itself is not in it.
    """
    (tmp_path / "secret").write_text("hush")
    (tmp_path / "empty").write_text("\n")

    with pytest.raises(ConfigurationError) as caught:
        secret("links.0", "secret", None if inline is None else SecretStr(inline), file and tmp_path / file)

    assert said in str(caught.value)
    assert "hush" not in str(caught.value)


def test_unreadableFiles(tmp_path):
    """
    A file that is not there, or is not text, is named.
    """
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    why = {"nowhere": "No such file or directory", "binary": "this is no text in UTF-8", "": "Is a directory"}
    for name, reason in why.items():
        with pytest.raises(ConfigurationError) as caught:
            readFile(tmp_path / name)
        assert f"{tmp_path / name}: cannot be read: {reason}" == str(caught.value)


def test_aMarkBeforeTheFirstLine(tmp_path):
    """
    A byte order mark, with which some editors begin a file, does no harm.
    """
    (tmp_path / "p.toml").write_bytes(b'\xef\xbb\xbf[hosts."a.b"]\n')

    assert ["a.b"] == list(readFile(tmp_path / "p.toml").hosts)


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (listeningAt, "8080", "Unknown endpoint type: '8080'; it is written like \"tcp:8080:"),
        (listeningAt, "tcp:80800", "80800 is no port: they end with 65535"),
        (listeningAt, "tcp:interface=127.0.0.1:port=80800", "80800 is no port"),
        (listeningAt, "tcp:-1", "-1 is no port"),
        (listeningAt, "systemd:domain=INET:index=0", "systemd has handed over no such socket"),
        (listeningAt, "systemd:domain=INET:name=web", "systemd has handed over no such socket"),
        (listeningAt, "tcp:8080:interfac=127.0.0.1", "there is no 'interfac'; it is written like"),
        (listeningAt, "ssl:443:privateKey=/nowhere:certKey=/nowhere", "/nowhere: cannot be read: No such file"),
        (connectingTo, "tcp:127.0.0.1:port", 'it is written like "tcp:127.0.0.1:5347"'),
        (connectingTo, "tcp:127.0.0.1:80800", "80800 is no port"),
        (connectingTo, "tcp:::1:5347", r"colons of an IPv6 address have backslashes, in single quotes: '\:\:1'"),
        (connectingTo, "", "it is written like"),
    ],
)
def test_whereThatIsNowhere(read, text, said):
    """
    An endpoint that is none is refused before it is used, in words of the file and not of Python.
    """
    with pytest.raises(ValueError) as caught:
        read(MemoryReactorClock(), text)

    assert said in str(caught.value)
    assert not [word for word in ("argument", "literal", "__init__", "Errno") if word in str(caught.value)]


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (listeningAt, "tcp:65535:backlog=100000"),
        (listeningAt, "tcp6:8080:interface=\\:\\:1"),
        (listeningAt, "unix:/run/pushsvc/80800"),
        (connectingTo, "tcp:\\:\\:1:5347:timeout=100000"),
        (connectingTo, "unix:path=/run/prosody:timeout=80800"),
    ],
)
def test_whereThatIsSomewhere(read, text):
    """
    What Twisted understands is taken as it is.
    """
    assert (IStreamServerEndpoint if read is listeningAt else IStreamClientEndpoint).providedBy(
        read(MemoryReactorClock(), text)
    )
