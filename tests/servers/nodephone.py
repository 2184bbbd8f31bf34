"""
A phone with another XMPP than all others: @xmpp/client, in Node.js.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.servers.client import Refused
from tests.servers.rig.server import Account
from tests.support import untested

HERE = Path(__file__).with_name("node")
_PATIENCE = 600


class Unavailable(Exception):
    """
    There is no Node.js here, or it cannot get what it needs.
    """


def installed(cache: Path) -> Path:
    """
    The folder of the phone, with what it needs: the versions of package-lock.json, no others.

    :param cache: where it may be from another time.
    :raises Unavailable: it cannot be had.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Unavailable(f"{program} is not installed")
    lock = (HERE / "package-lock.json").read_text()
    done = cache / "installed"
    if not done.exists() or done.read_text() != lock:
        shutil.copytree(HERE, cache, dirs_exist_ok=True)
        # Nothing of it is run: it has no scripts that are needed.
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=5"]
        try:
            made = subprocess.run(command, cwd=cache, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            raise Unavailable(f"npm could not get @xmpp/client in {_PATIENCE} seconds") from None
        if made.returncode != 0:
            raise Unavailable(f"npm could not get @xmpp/client: {made.stderr[-500:]}")
        done.write_text(lock)
    shutil.copy(HERE / "phone.mjs", cache)
    return cache


def needed(cache: Path) -> Path:
    """
    Skip what needs it where it cannot be had.
    """
    try:
        return installed(cache)
    except Unavailable as e:
        untested(f"{e}: nothing is known about clients of @xmpp/client")


class NodePhone:
    """
    A session of an account, as long as it is entered.
    """

    def __init__(self, folder: Path, account: Account, log: Path) -> None:
        username, _, domain = account.jid.partition("@")
        server = account.server
        said = {"domain": domain, "port": server.ports["c2s"], "username": username, "password": account.password}
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            ["node", "phone.mjs", json.dumps(said)],
            cwd=folder,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(server.root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def __enter__(self) -> "NodePhone":
        try:
            self._ask("start")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._ask("stop")
        finally:
            self._end()

    def command(self, to: str, node: str, **fields: str) -> dict[str, Any]:
        """
        Run an ad-hoc command: its ``status``, ``values`` and ``rows``. Fields have underscores for hyphens.

        :raises Refused: the answer is an error.
        """
        said = {name.replace("_", "-"): value for name, value in fields.items()}
        answer: dict[str, Any] = self._ask("command", to=to, node=node, fields=said or None)
        return answer

    def enable(self, jid: str, node: str, secret: str | None) -> None:
        """
        Tell the own server to publish to this node.
        """
        self._ask("enable", jid=jid, node=node, secret=secret)

    def features(self, of: str) -> list[str]:
        """
        What somebody says that it can do.
        """
        found: list[str] = self._ask("features", of=of)
        return found

    def _ask(self, what: str, **said: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"what": what, **said}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"@xmpp/client ended: {Path(str(self._log.name)).read_text()[-2000:]}"
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"]["type"], answer["error"]["condition"], "")
        return answer["result"]

    def _end(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
