"""
Prosody as Debian ships it, in a folder of its own.
"""

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.rig.handover import CONTRIB, MODULES
from tests.servers.rig.ports import LOOPBACK, isOpen
from tests.servers.rig.server import Server

_MODULES = (
    *("roster", "saslauth", "tls", "disco", "dialback", "ping", "adhoc", "pep", "blocklist", "carbons"),
    *("offline", "smacks", "csi_simple", "stanza_debug"),
)
# mod_firewall's FORWARD forgets to say that it needs st.
_SCRIPT = """\
::push_offline
KIND: message
RULEDEP=st
FORWARD={component}
"""


class Prosody(Server):
    """
    Prosody with mod_cloud_notify. It waits up to a second for more messages before it publishes for a sleeping session.
    """

    program = "prosody"
    attached = "External component successfully authenticated"
    detached = r"component disconnected: push\."
    accepted = r"Received\[component\]: <iq (?=[^>]*type='result')[^>]*to='[^@']*'"
    refused = "Got error <{type}:{condition}:"
    proofs = {
        ("in", "EXTERNAL"): "Accepting SASL EXTERNAL identity from {domain}",
        ("in", "dialback"): "asking {domain} if key .* belongs to them",
        ("out", "EXTERNAL"): "SASL EXTERNAL with {domain} succeeded",
        ("out", "dialback"): "sent dialback key on outgoing s2s stream",
    }

    @staticmethod
    def isInstalled() -> bool:
        return shutil.which("prosody") is not None

    def configure(self) -> None:
        certificates = self.folder / "certificates"
        certificates.mkdir(exist_ok=True)
        for domain in (self.domain, *self.components):
            issued = self.certify(domain)
            shutil.copy(issued.certificate, certificates)
            shutil.copy(issued.key, certificates)
        settings = {
            "run_as_root": os.geteuid() == 0,
            "pidfile": str(self.folder / "prosody.pid"),
            "data_path": str(self.folder / "data"),
            "certificates": str(certificates),
            "interfaces": [LOOPBACK],
            "local_interfaces": [LOOPBACK],
            "component_interfaces": [LOOPBACK],
            "c2s_ports": [self.ports["c2s"]],
            "s2s_interfaces": [self.ways.address or LOOPBACK],
            "s2s_ports": [self.ports["s2s"]],
            "component_ports": [self.ports["component"]],
            "c2s_direct_tls_ports": [],
            "s2s_direct_tls_ports": [self.ports["direct"]] if self.ways.direct else [],
            "http_ports": [],
            "https_ports": [],
            "authentication": "internal_plain",
            "storage": "internal",
            "c2s_require_encryption": True,
            "s2s_require_encryption": True,
            "s2s_secure_auth": self.ways.strict,
            "limits": [],
            "smacks_max_ack_delay": self.acknowledgement,
            "smacks_hibernation_time": self.hibernation,
            "push_notification_with_body": True,
            "push_notification_with_sender": True,
            "modules_enabled": [
                *_MODULES,
                *(["s2s_bidi"] if self.ways.bidi else []),
                *(["cloud_notify"] if self.handover is None else []),
            ],
            "plugin_paths": [str(CONTRIB), str(MODULES)],
            "modules_disabled": ["http_errors", "admin_shell", *([] if self.ways.bidi else ["s2s_bidi"])],
        }
        lines = [f"{key} = {_lua(value)}" for key, value in settings.items()]
        lines += [
            f"log = {{ debug = {_lua(str(self.log.path))} }}",
            f"ssl = {{ cafile = {_lua(str(self.authority.root))} }}",
            f"unbound = {{ resolvconf = false, hoststxt = false, forward = {_lua(f'{LOOPBACK}@{self.names}')},"
            ' options = { ["do-not-query-localhost:"] = "no", ["cache-max-negative-ttl:"] = "1" } }',
            f"VirtualHost {_lua(self.domain)}",
            *self._handingOver(),
        ]
        for domain, secret in self.components.items():
            lines += [f"Component {_lua(domain)}", f"component_secret = {_lua(secret)}"]
            if self.handover is not None:
                lines.append('modules_enabled = { "delegation", "privilege" }')
        self._file.write_text("\n".join(lines) + "\n")
        (self.folder / "data").mkdir(exist_ok=True)

    def _handingOver(self) -> list[str]:
        if self.handover is None:
            return []
        component = next(iter(self.components))
        delegated = [f"[{_lua(namespace)}] = {{ jid = {_lua(component)} }}" for namespace in self.handover.namespaces]
        lines = [f"delegations = {{ {', '.join(delegated)} }}"]
        # A command of its own that is everybody's.
        modules = ["delegation", *(["uptime"] if self.handover.commands else [])]
        if self.handover.privileged:
            modules.append("privilege")
            granted = '{ iq = { ["http://jabber.org/protocol/pubsub"] = "set" } }'
            lines.append(f"privileged_entities = {{ [{_lua(component)}] = {granted} }}")
        if self.handover.reports == "module":
            # With an archive, as servers have it whose users have several devices.
            modules += ["pushsvc", "attention", "mam", "register"]
            lines.append(f"pushsvc_component = {_lua(component)}")
        else:
            modules.append("firewall")
            script = self.folder / "push.pfw"
            script.write_text(_SCRIPT.format(component=component))
            lines += [
                f"firewall_scripts = {{ {_lua(str(script))} }}",
                'firewall_extra_chains = { push_offline = { type = "event"; priority = 1; "message/offline/handle" } }',
            ]
        return [f"modules_enabled = {_lua(modules)}", *lines]

    def command(self) -> list[str]:
        return ["prosody", "-F", "--config", str(self._file)]

    def serves(self) -> bool:
        uses = ["c2s", *(["component"] if self.components else []), *(["direct"] if self.ways.direct else [])]
        return isOpen(self.ports["s2s"], self.ways.address or LOOPBACK) and all(isOpen(self.ports[use]) for use in uses)

    def register(self, name: str, password: str) -> None:
        subprocess.run(
            ["prosodyctl", "--config", str(self._file), "register", name, self.domain, password],
            env={**os.environ, "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )

    @property
    def _file(self) -> Path:
        return self.folder / "prosody.cfg.lua"


def _lua(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    assert isinstance(value, list | tuple)
    return "{ " + ", ".join(_lua(each) for each in value) + " }"
