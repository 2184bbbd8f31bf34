"""
The configuration: what an operator writes, and what is said when it is wrong.
"""

import pytest
from pydantic import SecretStr

from pushsvc.config import AppOptions, ConfigurationError, Host, build, kebab, read, readFile, secret


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
        ("[[links]]\ndomain = 'x'", "links.0: kind is missing"),
        ("apps = 3", "apps: this is a table"),
        ("[storage", "configuration: not TOML: "),
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

    for name in ("nowhere", "binary"):
        with pytest.raises(ConfigurationError, match=f"{name}: cannot be read"):
            readFile(tmp_path / name)


def test_aMarkBeforeTheFirstLine(tmp_path):
    """
    A byte order mark, with which some editors begin a file, does no harm.
    """
    (tmp_path / "p.toml").write_bytes(b'\xef\xbb\xbf[hosts."a.b"]\n')

    assert ["a.b"] == list(readFile(tmp_path / "p.toml").hosts)
