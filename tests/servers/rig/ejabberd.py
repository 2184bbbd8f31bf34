"""
ejabberd as Debian ships it, in a folder of its own.
"""

import glob
import json
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from tests.servers.rig.handover import CONTRIB, MODULES
from tests.servers.rig.ports import LOOPBACK
from tests.servers.rig.server import Server

_MODULES = (
    *("adhoc", "admin_extra", "blocking", "caps", "carboncopy", "client_state", "disco", "http_api", "last"),
    *("offline", "ping", "privacy", "roster", "s2s_dialback"),
)

# By itself it leaves out what comes after 500 entries in a second, or while 1000 wait to be written, and begins a new
# file after ten megabytes. Tests wait for what it says: here whoever says something waits until it is written, and it
# stays.
_WRITING = """\
ok = logger:add_handler(tests, logger_std_h, #{{
    config => #{{
        file => "{file}", filesync_repeat_interval => no_repeat, burst_limit_enable => false,
        sync_mode_qlen => 0, drop_mode_qlen => 1000000000, flush_qlen => 1000000000
    }},
    formatter => {{logger_formatter, #{{
        template => [time, " [", level, "] ", pid, " ", {{mfa, [mfa, ":", line, " "], []}}, msg, "\\n"]
    }}}}
}}).
"""

# Its own view of one file; everything else of the machine stays as it is, for it and for everybody.
_PRIVATELY = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c"]
_WITH_NAMES = [*_PRIVATELY, 'mount --bind "$0" /etc/hosts && exec "$@"']


class Ejabberd(Server):
    """
    ejabberd with mod_push and mod_push_keepalive. It publishes at once.

    It is a nameless Erlang node: no epmd, no port that all Erlang programs of the machine share.
    """

    program = "ejabberd"
    attached = "Accepted external component handshake"
    detached = r"Route unregistered: push\."
    # For accounts, and for the server itself: when it has asked the component, and was answered.
    delegated = "(?s)(?:Namespace 'urn:xmpp:push:0' is delegated to external component.*){2}"
    accepted = "accepted notification for"
    refused = r"rejected notification for .*: {condition} \({type}\)"
    proofs = {
        (direction, means): f"Accepted {direction}bound s2s {means} authentication .*{{domain}}"
        for direction in ("in", "out")
        for means in ("EXTERNAL", "dialback")
    }

    @staticmethod
    def isInstalled() -> bool:
        # ejabberdctl is where ordinary users do not look.
        return shutil.which("erl") is not None and bool(_beams())

    @staticmethod
    def canHaveNeighbours() -> bool:
        """
        Whether this machine lets it have names of its own.
        """
        tried = subprocess.run([*_WITH_NAMES, "/etc/hosts", "true"], capture_output=True, check=False)
        return tried.returncode == 0

    def configure(self) -> None:
        certificates = [self.certify(domain).both for domain in (self.domain, *self.components)]
        modules: dict[str, dict[str, Any]] = {
            **{f"mod_{name}": {} for name in _MODULES},
            "mod_stream_mgmt": {"resume_timeout": self.hibernation, "ack_timeout": f"{self.acknowledgement} seconds"},
            "mod_pubsub": {"plugins": ["flat", "pep"]},
            **self._publishing(),
        }
        configuration: dict[str, Any] = {
            "hosts": [self.domain],
            "loglevel": "debug",
            "log_rotate_count": 0,
            "certfiles": [str(path) for path in certificates],
            **{key: str(self.authority.root) for key in ("ca_file", "s2s_cafile", "c2s_cafile")},
            "s2s_use_starttls": "required",
            "s2s_dns_timeout": "10 seconds",
            # By itself it keeps silent towards a domain for up to 300 seconds after one failure.
            "s2s_max_retry_delay": "1 second",
            "disable_sasl_mechanisms": ["digest-md5", "X-OAUTH2"],
            "auth_password_format": "plain",
            "api_permissions": {"tests": {"from": ["mod_http_api"], "who": {"ip": "127.0.0.0/8"}, "what": "*"}},
            "shaper": {},
            "modules": modules,
            "listen": [
                self._listener("c2s", "ejabberd_c2s", starttls=True, starttls_required=True),
                {**self._listener("s2s", "ejabberd_s2s_in"), "ip": self.ways.address or LOOPBACK},
                self._listener("direct", "ejabberd_s2s_in", tls=True),
                self._listener("http", "ejabberd_http", request_handlers={"/api": "mod_http_api"}),
            ],
        }
        if self.handover is not None:
            rule = {"component": [{"allow": [{"server": next(iter(self.components))}]}]}
            configuration["access_rules"] = rule
        if self.components:
            hosts = {domain: {"password": secret} for domain, secret in self.components.items()}
            component = self._listener("component", "ejabberd_service", access="all", hosts=hosts)
            configuration["listen"].append(component)
        self._file("ejabberd.yml").write_text(json.dumps(configuration, indent=1))  # YAML understands JSON
        # Without the empty resolv_conf Erlang reads /etc/resolv.conf after all and forgets this name server.
        address = "{" + LOOPBACK.replace(".", ",") + "}"
        self._file("inetrc").write_text(
            '{resolv_conf,""}.\n{hosts_file,""}.\n{lookup,[dns]}.\n'
            f"{{nameserver,{address},{self.names}}}.\n{{timeout,3000}}.\n{{retry,2}}.\n{{cache_size,0}}.\n"
        )

    def _publishing(self) -> dict[str, dict[str, Any]]:
        if self.handover is None:
            return {"mod_push": {"include_body": True, "include_sender": True}, "mod_push_keepalive": {}}
        self._compile(CONTRIB, "mod_pushsvc")
        self._compile(MODULES, "mod_attention")
        return {
            # With an archive, as servers have it whose users have several devices.
            "mod_mam": {"default": "always"},
            "mod_register": {},
            "mod_delegation": {"namespaces": {each: {"access": "component"} for each in self.handover.namespaces}},
            "mod_pushsvc": {"component": next(iter(self.components))},
            "mod_attention": {},
        }

    def _compile(self, place: Path, module: str) -> None:
        folder = self.folder / ".ejabberd-modules" / module
        (folder / "ebin").mkdir(parents=True, exist_ok=True)
        shutil.copy(place / f"{module}.spec", folder)
        includes = [Path(_beams()[0]).with_name("include"), *Path("/usr/lib/erlang/lib").glob("p1_xmpp-*/include")]
        options = [word for include in includes for word in ("-I", str(include))]
        source = str(place / f"{module}.erl")
        command = ["erlc", "-pa", _beams()[0], *options, "-o", str(folder / "ebin"), source]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        assert made.returncode == 0 and not made.stdout, made.stdout + made.stderr

    def environment(self) -> dict[str, str]:
        return {
            "ERL_LIBS": str(Path(_beams()[0]).parent.parent),
            "ERL_INETRC": str(self._file("inetrc")),
            "ERL_CRASH_DUMP_BYTES": "0",
            "EJABBERD_CONFIG_PATH": str(self._file("ejabberd.yml")),
            # What it writes by itself is for people.
            "EJABBERD_LOG_PATH": str(self._file("brief.log")),
        }

    def command(self) -> list[str]:
        database = str(self._file("mnesia"))
        # Neither does it wait busily, nor say everything on its output as well.
        quiet = ["+sbwt", "none", "+sbwtdcpu", "none", "-ejabberd", "quiet", "true"]
        writing = ["-eval", _WRITING.format(file=self.log.path)]
        erl = ["erl", *quiet, "-noinput", "-mnesia", "dir", f'"{database}"', *writing, "-s", "ejabberd"]
        if not self.ways.neighbours:
            return erl
        names = [f"{address} {name}\n" for name, address in {"localhost": LOOPBACK, **self.ways.neighbours}.items()]
        self._file("hosts").write_text("".join(names))
        return [*_WITH_NAMES, str(self._file("hosts")), *erl]

    def serves(self) -> bool:
        try:
            return bool(self.api("status"))
        except OSError:
            return False

    def register(self, name: str, password: str) -> None:
        self.api("register", user=name, host=self.domain, password=password)

    def api(self, command: str, **arguments: object) -> Any:
        """
        Run one of ejabberd's own commands.
        """
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self.ports['http']}/api/{command}",
            json.dumps(arguments).encode(),
            {"Content-Type": "application/json"},
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=180) as response:
            return json.loads(response.read() or b"null")

    def _listener(self, use: str, module: str, **options: object) -> dict[str, object]:
        return {"port": self.ports[use], "ip": LOOPBACK, "module": module, **options}

    def _file(self, name: str) -> Path:
        return self.folder / name


def _beams() -> list[str]:
    return [path for place in ("*/ejabberd-*/ebin", "ejabberd/ebin") for path in glob.glob(f"/usr/lib/{place}")]
