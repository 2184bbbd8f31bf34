"""
``pushsvc enablements``, as an operator types it, beside a database that a service has made.
"""

import pytest
from pytest_twisted import ensureDeferred

from pushsvc.cli.showing import nameOf
from pushsvc.enablement import ContentOptions, Enablement
from pushsvc.model import Notification, Target, Waiting

JULIET, ROMEO = "juliet@example.net", "romeo@example.net"
SERVICE, OTHER = "push.example.org", "push.example.com"
NODE, SECRET = "a-node-that-may-be-a-token-of-forty-bytes", "the-secret"


@pytest.fixture
def operator(operator):
    operator.group = "enablements"
    return operator


def enabled(node=NODE, account=JULIET, service=SERVICE, **more):
    settings = {
        "form": f'{{"type":"submit","fields":[["secret",null,null,["{SECRET}"]]]}}',
        "options": {"secret": (SECRET,)},
        "session": "phone",
        **more,
    }
    return Enablement(account, service, node, 1_790_000_000, 1_790_086_400, **settings)


async def kept(operator, *enablements):
    async def keep(storage):
        for each in enablements:
            await storage.enablements.enable(each, 9, lambda *_: ContentOptions(senders=True, bodies=False))

    await operator.stored(keep)


@ensureDeferred
async def test_list(operator):
    """
    What accounts have enabled is listed, a line each: its short name, account, push service, since when, and whether
    the service takes what it is told. No node is shown, which may be a token.
    """
    well, once = enabled(), enabled("n", ROMEO, failures=1)
    often, resting = enabled("a", ROMEO, failures=7), enabled("b", ROMEO, OTHER, failures=16, suspended=1_790_000_000)
    await kept(operator, well, once, often, resting)

    done = operator("list")

    assert (0, "") == (done.returncode, done.stderr)
    since = "2026-09-21T14:13:20Z"
    assert [
        f"{nameOf(well)}  {JULIET}  {SERVICE}  {since}  well",
        f"{nameOf(once)}  {ROMEO}  {SERVICE}  {since}  refused once",
        f"{nameOf(often)}  {ROMEO}  {SERVICE}  {since}  refused 7 times in a row",
        f"{nameOf(resting)}  {ROMEO}  {OTHER}  {since}  on probation since {since}",
        "4 enablements of 2 accounts",
    ] == done.stdout.splitlines()


@ensureDeferred
async def test_someOfThem(operator):
    """
    The list may be confined to an account, in any spelling, to a push service, and to what is refused; and it is said
    how to go on. They can be counted without being shown.
    """
    resting = enabled("b", ROMEO, OTHER, failures=16, suspended=1_790_000_000)
    await kept(operator, enabled(), enabled("n", ROMEO), resting, enabled("n", "zeno@example.net"))

    def names(*options):
        return [line.split()[1] for line in operator("list", *options).stdout.splitlines() if "  " in line]

    assert [JULIET] == names("--account", "Juliet@EXAMPLE.net/balcony")
    assert [ROMEO] == names("--service", OTHER)
    assert [ROMEO] == names("--failing")
    first = operator("list", "--limit", "2", "--service", SERVICE).stdout
    assert ["2 enablements of 2 accounts", f"the next ones: --after={ROMEO}"] == first.splitlines()[-2:]
    assert ["zeno@example.net"] == names(f"--after={ROMEO}", "--limit", "1")
    counted = operator("list", "--count").stdout.splitlines()
    assert [f"1  {OTHER}, 1 on probation", f"3  {SERVICE}", "4  in all, 1 on probation"] == [
        line.strip() for line in counted
    ]


@ensureDeferred
async def test_namesForTheShell(operator):
    """
    How to go on is said as a shell has to be told it, whatever somebody has called himself.
    """
    named = "$(reboot);`reboot`@example.net"
    await kept(operator, enabled(account=named), enabled(account="zeno@example.net"))

    shown = operator("list", "--limit", "1").stdout.splitlines()[-1]
    rest = operator("list", f"--after={named}").stdout.splitlines()[:-1]

    assert f"the next ones: --after='{named}'" == shown
    assert ["zeno@example.net"] == [row.split()[1] for row in rest]


@ensureDeferred
async def test_show(operator):
    """
    Of an account all is shown that is known of it, but of nodes a few characters, and of options their names.
    """
    await kept(operator, enabled(extras={"encrypt": "key", "priority": ""}))
    await operator.stored(lambda storage: storage.enablements.pend(JULIET, 3, 1, ["phone"]))

    done = operator("show", JULIET)

    assert 0 == done.returncode, done.stderr
    assert [
        "messages      3",
        "requests      1",
        "hibernating   1",
        "chosen        senders, no bodies",
        "",
        f"name          {nameOf(enabled())}",
        f"service       {SERVICE}",
        "node          a-node-t… (41 characters)",
        "options       secret",
        "wishes        encrypt, priority",
        "resource      phone",
        "enabled       2026-09-21T14:13:20Z",
        "used          about 2026-09-22T14:13:20Z",
        "standing      well",
    ] == done.stdout.splitlines()


@ensureDeferred
async def test_revoke(operator):
    """
    What an account has enabled is forgotten, with what waits for it, by its name or by its push service; and it is said
    what was not done.
    """
    one, another, elsewhere = enabled(), enabled("n"), enabled(service=OTHER)
    await kept(operator, one, another, elsewhere, enabled(account=ROMEO))
    waiting = Waiting(Target(one.key, "[publisher]", NODE), Notification(), "id", "lane", 2e9, 2e9)
    await operator.stored(lambda storage: storage.outbox.put(waiting, 0.0))

    done = operator("revoke", JULIET, nameOf(one))

    assert 0 == done.returncode, done.stderr
    assert "forgotten: 1 enablement, with what waited for it\n" in done.stdout
    assert "the client is not told" in done.stdout
    assert [another, elsewhere] == list(await operator.stored(lambda storage: storage.enablements.ofAccount(JULIET)))
    assert {} == await operator.stored(lambda storage: storage.outbox.standings())

    assert 0 == operator("revoke", JULIET, OTHER).returncode
    assert [another] == list(await operator.stored(lambda storage: storage.enablements.ofAccount(JULIET)))
    assert 1 == len(await operator.stored(lambda storage: storage.enablements.ofAccount(ROMEO)))


@ensureDeferred
async def test_nobodys(operator):
    """
    What nobody has enabled is told, and is no success; so is what is no JID.
    """
    await kept(operator, enabled())

    def said(*words):
        done = operator(*words)
        return done.returncode, done.stderr

    assert (1, "the account has enabled nothing\n") == said("show", ROMEO)
    assert (1, "the account has enabled nothing\n") == said("revoke", ROMEO, SERVICE)
    assert (1, "the account has enabled no such thing\n") == said("revoke", JULIET, OTHER)
    assert (1, "'a@b@c/' is not a JID\n") == said("list", "--service", "a@b@c/")


@ensureDeferred
async def test_terminalsAreNotObeyed(operator):
    """
    What a client has written does nothing to the operator's terminal.
    """
    escaping = "\x1b[2J"
    await kept(operator, enabled(f"{escaping}node-of-a-terminal-that-is-long", session=escaping, extras={escaping: ""}))

    shown = operator("show", JULIET).stdout

    assert "\x1b" not in shown and "\N{REPLACEMENT CHARACTER}[2J" in shown


@ensureDeferred
async def test_postgresql(postgresqlURL, operator):
    """
    It is the same with PostgreSQL.
    """
    operator.file.write_text(operator.file.read_text().replace(operator.url, postgresqlURL))
    operator.url = postgresqlURL
    await kept(operator, enabled())

    assert "1 enablement of 1 account" == operator("list").stdout.splitlines()[-1]
    assert 0 == operator("revoke", JULIET, SERVICE).returncode
    assert "0 enablements of 0 accounts\n" == operator("list").stdout


@ensureDeferred
async def test_memory(forgetful):
    """
    What a process keeps in its memory nobody else can look at.
    """
    forgetful.group = "enablements"

    assert "storage: cannot be opened: memory: " in forgetful("list").stderr
