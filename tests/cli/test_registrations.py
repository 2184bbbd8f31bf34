"""
``pushsvc registrations``, as an operator types it, beside a database that a service has made.
"""

import subprocess
import time

import pytest
from pytest_twisted import ensureDeferred

from pushsvc.model import Notification, Registration, Remembered, Summary, Target, Waiting, digest
from tests.cli.conftest import BIN

TOKEN = "a-token-of-forty-characters-that-is-long"
SECRET = "the-secret"


def phone(node: str, owner: str = "juliet@example.net", app: str = "trial", **changes: object) -> Registration:
    """
    A device.
    """
    target = Target(node, app, TOKEN, {"voip": TOKEN[::-1]})
    values = {"deviceName": None, "room": None, **changes}
    return Registration(
        node, "push.example.net", owner, f"device-{node}", target, (digest(SECRET),), 1_790_000_000, 1_790_086_400,
        **values,
    )  # fmt: skip


async def registered(operator, *phones: Registration) -> None:
    async def register(storage):
        for each in phones:
            await storage.registrations.register(each)

    await operator.stored(register)


@ensureDeferred
async def test_list(operator):
    """
    Registrations are listed, a line each, with node, app, owner, device and date; and counted.
    """
    await registered(operator, phone("n1"), phone("n2", "romeo@example.org", deviceName="Romeo’s phone"))

    done = operator("list")

    assert (0, "") == (done.returncode, done.stderr)
    assert [
        "n1  trial  juliet@example.net  device-n1  2026-09-22T14:13:20Z",
        "n2  trial  romeo@example.org  Romeo’s phone  2026-09-22T14:13:20Z",
        "2 of 2 registrations",
    ] == done.stdout.splitlines()


@ensureDeferred
async def test_someOfThem(operator):
    """
    The list may be confined to an account, in any spelling, and to an app.
    """
    await registered(operator, phone("n1"), phone("n2", "romeo@example.org"), phone("n3", app="other"))

    ofOwner = operator("list", "--owner", "Juliet@EXAMPLE.net/balcony").stdout
    both = operator("list", "--owner", "juliet@example.net", "--app", "other").stdout

    assert ["n1", "n3", "2"] == [line.split()[0] for line in ofOwner.splitlines()]
    assert ["n3", "1"] == [line.split()[0] for line in both.splitlines()]


@ensureDeferred
async def test_pages(operator):
    """
    A list that is longer than its limit says how to go on, even behind a node that looks like an option.
    """
    await registered(operator, *(phone(node) for node in ("-a", "b", "c")))

    first = operator("list", "--limit", "1").stdout
    go = first.splitlines()[-1].removeprefix("the next ones: ")
    rest = operator("list", "--limit", "2", go).stdout

    assert ["-a", "1", "the"] == [line.split()[0] for line in first.splitlines()]
    assert ["b", "c", "2"] == [line.split()[0] for line in rest.splitlines()]
    assert "2 of 3 registrations" == rest.splitlines()[-1]


@ensureDeferred
async def test_count(operator):
    """
    They can be counted by app without being shown.
    """
    await registered(operator, phone("n1"), phone("n2", "romeo@example.org"), phone("n3", app="other"))

    done = operator("list", "--count")

    assert [["1", "other"], ["2", "trial"], ["3", "in", "all"]] == [line.split() for line in done.stdout.splitlines()]


@ensureDeferred
async def test_show(operator):
    """
    A registration is shown with all that is known of it, but of its tokens a few characters, and of secrets how many
    there are.
    """
    await registered(operator, phone("-n1", deviceName="Juliet’s", room="room@muc.example.net"))

    done = operator("show", "-n1")

    assert 0 == done.returncode, done.stderr
    for part in ("-n1", "juliet@example.net", "device--n1", "Juliet’s", "room@muc.example.net", "trial"):
        assert part in done.stdout
    assert "a-token-… (40 characters)" in done.stdout
    assert "voip=gnol-si-… (40 characters)" in done.stdout
    assert "2026-09-21T14:13:20Z" in done.stdout
    assert TOKEN not in done.stdout
    assert SECRET not in done.stdout
    assert digest(SECRET).hex() not in done.stdout


@ensureDeferred
async def test_shortTokens(operator):
    """
    Of a short token even less is shown.
    """
    await registered(operator, phone("n1"))
    short = phone("n1")
    short = Registration(**{**vars(short), "target": Target("n1", "trial", "abcdef")})
    await registered(operator, short)

    assert "a… (6 characters)" in operator("show", "n1").stdout


@ensureDeferred
async def test_terminalsAreNotObeyed(operator):
    """
    What a client wrote into its device's name does nothing to the operator's terminal.
    """
    await registered(operator, phone("n1", deviceName="\x1b[2Jgone\u202e"))

    for done in (operator("list"), operator("show", "n1")):
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout
        assert "\N{REPLACEMENT CHARACTER}[2Jgone" in done.stdout


@ensureDeferred
async def test_revoke(operator):
    """
    A revoked registration is forgotten with what waited for it, and it is said what was not done.
    """
    await registered(operator, phone("n1"), phone("n2"))
    soon = time.time() + 600
    waiting = Waiting(phone("n1").target, Notification(), "id", "trial", soon, soon)
    await operator.stored(lambda storage: storage.outbox.put(waiting, 0.0))

    done = operator("revoke", "n1")

    assert 0 == done.returncode, done.stderr
    assert "the user's server is not told" in done.stdout
    assert await operator.stored(lambda storage: storage.registrations.byNode("n1")) is None
    assert await operator.stored(lambda storage: storage.registrations.byNode("n2")) is not None
    assert {} == await operator.stored(lambda storage: storage.outbox.standings())


@ensureDeferred
async def test_test(operator):
    """
    A test waits in the outbox for any process to take it, within the app's rules, for ten minutes.
    """
    await registered(operator, phone("n1"))
    before = time.time()

    done = operator("test", "n1")

    assert 0 == done.returncode, done.stderr
    (found,) = await operator.stored(lambda storage: storage.outbox.claim("me", time.time(), time.time() + 60, 9))
    assert f"push {found.pushId} waits in the outbox" in done.stdout
    assert (phone("n1").target, "trial", 0) == (found.target, found.lane, found.attempts)
    assert before + 600 <= found.expires <= time.time() + 600
    assert 1 == found.notification.summary.messageCount


@ensureDeferred
async def test_aTestReplacesNothing(operator):
    """
    A message that waits for the device still waits after a test.
    """
    await registered(operator, phone("n1"))
    soon = time.time() + 600
    message = Notification(summary=Summary(5, lastMessageBody="But soft"))
    waiting = Waiting(phone("n1").target, message, "id", "trial", soon, soon)
    await operator.stored(lambda storage: storage.outbox.put(waiting, 0.0))

    operator("test", "n1")

    late = time.time() + 1000
    found = await operator.stored(lambda storage: storage.outbox.claim("me", late, late, 9))
    assert {5, 1} == {each.notification.summary.messageCount for each in found}


@ensureDeferred
async def test_aTestForAnAppThatIsGone(operator):
    """
    A device of an app that is not configured cannot be tested.
    """
    await registered(operator, phone("n1", app="former"))

    done = operator("test", "n1")

    assert (1, "apps.former: is not configured\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize("command", ["show", "revoke", "test"])
@ensureDeferred
async def test_nobodysNode(operator, command):
    """
    A node that is nobody's is told, and is no success.
    """
    await registered(operator)

    done = operator(command, "nowhere")

    assert (1, "there is no such registration\n") == (done.returncode, done.stderr)


@ensureDeferred
async def test_memory(forgetful):
    """
    What a process keeps in its memory nobody else can look at.
    """
    done = forgetful("list")

    assert 1 == done.returncode
    assert "storage: cannot be opened: memory: " in done.stderr


@ensureDeferred
async def test_nothingIsMade(operator, tmp_path):
    """
    Where there is no database yet, none is made: it would be the operator's, and the service could not write to it.
    """
    done = operator("list")

    assert 1 == done.returncode
    assert "No such file or directory" in done.stderr
    assert [operator.file] == list(tmp_path.iterdir())


@ensureDeferred
async def test_notAJID(operator):
    """
    An owner that is no JID is told.
    """
    done = operator("list", "--owner", "a@b@c/")

    assert (1, "'a@b@c/' is not a JID\n") == (done.returncode, done.stderr)


@ensureDeferred
async def test_postgresql(postgresqlURL, operator):
    """
    It is the same with PostgreSQL.
    """
    operator.file.write_text(operator.file.read_text().replace(operator.url, postgresqlURL))
    operator.url = postgresqlURL
    await registered(operator, phone("n1"))

    assert "1 of 1 registration" == operator("list").stdout.splitlines()[-1]
    assert "a-token-…" in operator("show", "n1").stdout
    assert 0 == operator("test", "n1").returncode
    assert 0 == operator("revoke", "n1").returncode
    assert "0 of 0 registrations\n" == operator("list").stdout


@ensureDeferred
async def test_whatBecameOfPushes(operator):
    """
    A registration is shown with the last success and the last trouble, in a sentence.
    """
    await registered(operator, phone("n1"), phone("n2"), phone("n3"))
    news = {"n1": Remembered(1_790_000_000, 1_790_086_400, "refused"), "n2": Remembered(1_790_000_000)}
    await operator.stored(lambda storage: storage.verdicts.note(news))

    both, well, never = (operator("show", node).stdout for node in ("n1", "n2", "n3"))

    assert "last success  about 2026-09-21T14:13:20Z" in both
    assert "last trouble  about 2026-09-22T14:13:20Z: refused" in both
    assert "does not accept this service's credentials" in both
    assert "last trouble  none" in well
    assert "pushes        none yet" in never


@ensureDeferred
async def test_whoHasReadEnough(operator):
    """
    Whoever stops reading, as `head` does, is not told of a bug.
    """
    await registered(operator, phone("n1"))
    command = [str(BIN / "pushsvc"), "registrations", "list", "--config", str(operator.file)]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as listing:
        listing.stdout.close()
        said = listing.stderr.read()

    assert ("", 1) == (said, listing.returncode)
