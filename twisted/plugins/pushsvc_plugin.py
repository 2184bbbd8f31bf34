"""
What makes ``twistd pushsvc`` known; it imports nothing of ours, so that listing plugins stays cheap.
"""

from twisted.application.service import ServiceMaker

pushsvc = ServiceMaker(  # type: ignore[no-untyped-call]
    "pushsvc",
    "pushsvc.tap",
    "A push service for XMPP: wakes phones for the messages their servers hold.",
    "pushsvc",
)
