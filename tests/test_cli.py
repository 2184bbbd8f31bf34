"""
The ``pushsvc`` command, as an operator types it.
"""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / "pushsvc"), *arguments], capture_output=True, text=True, timeout=180, check=False
    )


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


TRIAL = '[apps.trial]\nprovider = "demo"'

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


def test_checkSaysThatAllIsWell(tmp_path):
    """
    A configuration that works is told so, app by app.
    """
    done = run("check", "--config", written(tmp_path / "p.toml", FRAME + TRIAL))

    assert 0 == done.returncode, done.stderr
    assert "understood; 1 host, 1 app\n" in done.stdout
    assert "apps.trial: the network takes our credentials" in done.stdout


def test_aFileThatSaysNothing(tmp_path):
    """
    A file that has lost what was in it is not taken for a service that has nothing to do.
    """
    done = run("check", "--config", written(tmp_path / "p.toml", ""))

    assert 1 == done.returncode
    assert "there is nothing to serve" in done.stderr


def test_whatCannotBeRead(tmp_path):
    """
    A configuration that cannot be read is something that is wrong, not a command that is mistyped: 1, and one line.
    """
    done = run("check", "--config", str(tmp_path))

    assert (1, f"{tmp_path}: cannot be read: Is a directory\n") == (done.returncode, done.stderr)


def test_checkSaysWhatIsWrong(tmp_path):
    """
    A configuration that cannot work is an exit status of 1 and a line that says where and why.
    """
    done = run("check", "--config", written(tmp_path / "p.toml", FRAME + '[apps.trial]\nprovider = "dema"'))

    assert 1 == done.returncode
    assert "apps.trial.provider: there is no 'dema'" in done.stderr
    assert "Traceback" not in done.stderr


def test_checkAsksTheNetwork(tmp_path):
    """
    A network that cannot be asked is told, and is no success.
    """
    from tests.standins.certificates import writeServiceAccount

    account = writeServiceAccount(tmp_path / "account.json", "https://127.0.0.1:9/token")
    app = f'[apps.trial]\nprovider = "fcm"\nservice-account = "{account}"\nendpoint = "https://127.0.0.1:9"'
    file = written(tmp_path / "p.toml", FRAME + app)

    done = run("check", "--config", file)

    assert 1 == done.returncode
    assert "apps.trial: the network could not be asked" in done.stderr
    assert 0 == run("check", "--offline", "--config", file).returncode


def test_checkLooksAtCertificates(tmp_path):
    """
    A certificate that does not name a host of ours, or has ended, is told with the host; so is nothing else.
    """
    from tests.standins.certificates import CA

    ca = CA(tmp_path)

    def file(name, certificate):
        pair = f'certificate = "{certificate.certificate}"\nprivate-key = "{certificate.key}"\n'
        link = f'[[links]]\nkind = "s2s"\n{pair}[hosts."push.example.net"]\n'
        return written(tmp_path / name, f'[storage]\nurl = "memory:"\n{link}{TRIAL}')

    fine = run("check", "--config", file("fine.toml", ca.issue("push.example.net", "example.net")))
    strange = run("check", "--config", file("strange.toml", ca.issue("example.net")))
    ended = run("check", "--config", file("ended.toml", ca.issue("push.example.net", expired=True)))

    assert (0, "") == (fine.returncode, fine.stderr)
    assert 1 == strange.returncode
    assert strange.stderr.startswith("links: push.example.net: its certificate is for other names")
    assert (1, "hosts.*: the certificate has ended\n") == (ended.returncode, ended.stderr)


def test_checkTriesTheStorage(tmp_path):
    """
    A database that could not be opened is told, and nothing is made where there is none.
    """
    text = FRAME.replace("memory:", f"sqlite:///{tmp_path}/{{}}pushsvc.db")

    done = run("check", "--config", written(tmp_path / "p.toml", text.format("nowhere/")))
    fine = run("check", "--config", written(tmp_path / "q.toml", text.format("")))

    assert (1, 0) == (done.returncode, fine.returncode)
    assert "storage: cannot be opened: " in done.stderr
    assert not (tmp_path / "pushsvc.db").exists()


def test_version():
    """
    The command says which version it is.
    """
    from pushsvc import __version__

    assert f"pushsvc {__version__}\n" == run("--version").stdout


def test_theDemoShowsTheWholePath():
    """
    The demo finds the other server and comes to be believed by it, registers, publishes, shows the push and the
    refusal, and leaves nothing waiting.
    """
    done = run("demo")

    assert 0 == done.returncode, done.stdout + done.stderr
    hops = [
        "a server among servers",
        'kind = "s2s"',
        "_xmpp-server._tcp.push.example.net.",
        "node='register-push-demo'",
        '<iq type="result"',
        "example.net -> pushsvc:  TLS, known by dialback (XEP-0220)",
        "pushsvc -> example.net:  TLS, only asks: is this dialback key yours, example.net?",
        "pushsvc -> example.net:  TLS, known by its certificate (SASL EXTERNAL)",
        "digests",
        "The server holds a message",
        '<iq type="result"',
        "push_id",
        '"last-message-body": "Wherefore art thou silent?"',
        "outbox: nothing",
        "<forbidden",
    ]
    rest = done.stdout
    for hop in hops:
        assert hop in rest, f"{hop} is missing, or comes too early"
        rest = rest[rest.index(hop) :]
