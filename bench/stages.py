"""
Which part of the work a moment belongs to: the innermost file of pushsvc on the stack says it.
"""

from functools import lru_cache
from types import FrameType

PARSE = "parse (expat, domish)"
LINK = "link and gate"
READ = "read (wire)"
HANDLE = "handler, node and secret"
DELIVERY = "delivery"
PROVIDER = "provider (headers, payload)"
HTTP2 = "HTTP/2"
REPLY = "reply"
HANDOVER = "storage, hand-over"
SQL = "storage, SQL"
DEFERRED = "Deferreds between"
REACTOR = "reactor, sockets, TLS"

# Files of ours, and whose they are; the first that fits.
OURS = (
    ("links/elementstream", PARSE),
    ("links/expat", PARSE),
    ("links/measuring", PARSE),
    ("wire/stanza", PARSE),
    ("links/writing", REPLY),
    ("wire/replies", REPLY),
    ("links", LINK),
    ("wire/gate", LINK),
    ("wire", READ),
    ("jids", READ),
    ("xmpp", HANDLE),
    ("hosts", HANDLE),
    ("nodetypes", HANDLE),
    ("nodetrees", HANDLE),
    ("apps", DELIVERY),
    ("delivery", DELIVERY),
    ("providers", PROVIDER),
    ("httpclient", HTTP2),
    ("exchange", HTTP2),
    ("storage", HANDOVER),
)
# What our streams do for what leaves.
_LEAVING = frozenset({"send", "_send"})


def stageOf(frame: FrameType | None) -> str:
    """
    The part of the work that a stack, seen from its innermost frame, is busy with.
    """
    if frame is not None and "/twisted/internet/defer.py" in frame.f_code.co_filename:
        return DEFERRED
    while frame is not None:
        stage = ofFile(frame.f_code.co_filename)
        if stage is not None:
            return REPLY if stage == LINK and frame.f_code.co_name in _LEAVING else stage
        frame = frame.f_back
    return REACTOR


@lru_cache(4096)
def ofFile(name: str) -> str | None:
    """
    The part of the work that is done in a file; None: none of it in particular.
    """
    _, ours, inside = name.rpartition("/pushsvc/")
    if not ours:
        return None
    return next((stage for beginning, stage in OURS if inside.startswith(beginning)), None)
