"""
Who may import whom: a map of the house, not a fence.
"""

import ast
from pathlib import Path

import pytest

import pushsvc

HOUSE = Path(pushsvc.__file__).parent

VALUES = {
    "model",
    "errors",
    "fields",
    "command",
    "exchange",
    "event",
    "enablement",
    "jids",
    "leaf",
    "concealed",
    "concurrently",
    "meanings",
}

# A room: the rooms of ours that it may look into. Everybody may look into itself, the values and the interfaces.
MAP = {
    "model": set(),
    "errors": set(),
    "jids": set(),
    "concealed": set(),
    "exchange": set(),
    "event": {"enablement"},
    "concurrently": {"concealed"},
    "enablement": set(),
    "leaf": {"model"},
    "fields": {"errors"},
    "command": {"fields"},
    "ipushsvc": VALUES,
    "wire": set(),
    "addresses": set(),
    "guard": {"addresses"},
    "httpclient": {"guard"},
    "xmpp": {"wire", "hosts"},
    "links": {"wire", "hosts", "config", "addresses"},
    "delivery": {"apps", "targets"},
    "registrar": {"apps"},
    "credentials": {"apps"},
    "expiry": set(),
    "meanings": set(),
    "apps": set(),
    "care": set(),
    "targets": {"apps", "kinds"},
    "publisher": {"apps", "targets"},
    "unregistered": {"targets"},
    "feeds": {"config", "wire", "web"},
    "hosts": set(),
    "config": set(),
    "kinds": set(),
    "dialects": {"kinds"},
    "nodetypes": {"apps", "targets"},
    "nodetrees": set(),
    "providers": {"config", "guard"},
    "storage": set(),
    "service": {"xmpp", "config"},
    "reloading": {"config"},
    "strangers": {"kinds"},
    "web": {"apps", "hosts", "delivery", "strangers"},
    "logs": set(),
    "timekeeping": set(),
}
# These know everybody, and nobody knows them.
ROOTS = {"tap", "cli", "demo", "assembly"}

# Whose business the outside world is.
WORLD = {
    "wokkel": {"wire", "xmpp", "links", "feeds"},
    "twisted.words.xish": {"wire", "xmpp", "links", "feeds", "demo"},
    "treq": {"httpclient"},
    "twisted.web": {"httpclient", "web", "feeds"},
    "sqlalchemy": {"storage"},
    "alembic": {"storage"},
    "h2": {"httpclient"},
    "hpack": {"httpclient"},
    "pika": {"feeds"},
    "klein": {"web", "feeds"},
    "prometheus_client": {"web"},
    "click": {"cli", "demo"},
}


def imports() -> list[tuple[str, str, str]]:
    """
    Room, file and what is imported, for the whole house.
    """
    found = []
    for file in sorted(HOUSE.rglob("*.py")):
        inside = file.relative_to(HOUSE)
        room = inside.parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found.append((room, str(inside), node.module))
                found += [(room, str(inside), f"{node.module}.{alias.name}") for alias in node.names]
            elif isinstance(node, ast.Import):
                found += [(room, str(inside), alias.name) for alias in node.names]
    return found


def test_theMapHolds():
    """
    Nobody looks into a room that the map does not lead to.
    """
    strays = []
    for room, file, imported in imports():
        if room in ROOTS or room == "__init__" or not imported.startswith("pushsvc."):
            continue
        other = imported.split(".")[1]
        if (HOUSE / other).exists() or (HOUSE / f"{other}.py").exists():
            allowed = MAP.get(room, set()) | VALUES | {"ipushsvc", room}
            if room in VALUES | {"ipushsvc"}:
                allowed = MAP[room] | {room}
            if other not in allowed:
                strays.append(f"{file}: {imported}")

    assert [] == strays


@pytest.mark.parametrize("outside", WORLD)
def test_theOutsideWorldStaysWhereItBelongs(outside):
    """
    Wokkel, HTTP and SQL are the business of the rooms that are made for them.
    """
    strays = [
        f"{file}: {imported}"
        for room, file, imported in imports()
        if (imported == outside or imported.startswith(outside + ".")) and room not in WORLD[outside]
    ]

    assert [] == strays


def test_nobodyImportsTheReactor():
    """
    Only the composition root meets the reactor.
    """
    strays = {
        file for room, file, imported in imports() if imported == "twisted.internet.reactor" and room not in ROOTS
    }

    assert set() == strays
