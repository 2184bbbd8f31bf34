"""
Takes GOAWAY frames out of what is received.
"""

from collections.abc import Iterator

from pushsvc.httpclient.http2.engine import LARGEST_FRAME, GoneAway, PeerMisbehaved

_HEAD = 9
_GOAWAY = 7


class GoawaySplitter:
    """
    Cuts the stream of bytes where frames end, and reads the GOAWAYs itself.

    COMPAT: h2 4.4 takes nothing more once it has seen a GOAWAY (python-hyper/h2 issue 1181), so that the answers that
    are still on their way would be lost.
    """

    def __init__(self) -> None:
        self._kept = b""

    def split(self, data: bytes) -> Iterator[bytes | GoneAway]:
        """
        Whole frames, one by one: what h2 has made of those before one that it does not take would be lost, too.

        :raises PeerMisbehaved: a frame is larger than we take; it is not waited for.
        """
        data = self._kept + data
        position = 0
        while len(data) - position >= _HEAD:
            length = int.from_bytes(data[position : position + 3], "big")
            if length > LARGEST_FRAME:
                raise PeerMisbehaved("a frame that is too large")
            end = position + _HEAD + length
            if end > len(data):
                break
            # Those that are none, for they are of a stream or too short, are for h2 to refuse.
            isOfTheConnection = not int.from_bytes(data[position + 5 : position + _HEAD], "big") & 0x7FFFFFFF
            if data[position + 3] == _GOAWAY and isOfTheConnection and length >= 8:
                yield _goneAway(data[position + _HEAD : end])
            else:
                yield data[position:end]
            position = end
        self._kept = data[position:]


def _goneAway(payload: bytes) -> GoneAway:
    last = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
    return GoneAway(last, int.from_bytes(payload[4:8], "big"), payload[8:])
