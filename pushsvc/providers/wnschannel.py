"""
Channels: the URLs by which Windows' devices are known. Clients name them, and our access token is sent to them.
"""

from urllib.parse import unquote

from pushsvc.errors import BadForm
from pushsvc.guard import Origin, allowing, originOf
from pushsvc.providers.endpoints import Endpoints

# Where WNS is; its hosts are called like db5p.notify.windows.com. Others below windows.com are not its own.
OURS = (".notify.windows.com", ".wns.windows.com")


class Channels:
    """
    What may be a channel: a URL of WNS, or of what the operator allows.
    """

    def __init__(self, allowed: tuple[str, ...] = ()) -> None:
        """
        :param allowed: as ``allowed-endpoints`` has them.
        """
        self._endpoints = Endpoints(allowed)
        self._guard = allowing(allowed)

    def read(self, name: str, said: str) -> str:
        """
        The channel as WNS has made it.

        :param name: of the field, for the client.
        :raises BadForm: it cannot be one.
        """
        url = self._endpoints.read(name, _unescaped(said))
        if not self._isOurs(originOf(url)):
            raise BadForm(f"{name}: not a channel of WNS")
        return url

    def originOf(self, url: str) -> str | None:
        """
        The server of a channel; None where our access token may not go: the operator has allowed it no longer.
        """
        try:
            origin = originOf(url)
        except ValueError:
            return None
        return str(origin) if self._isOurs(origin) else None

    def _isOurs(self, origin: Origin) -> bool:
        return origin.host.endswith(OURS) or self._guard.names(origin)


def _unescaped(said: str) -> str:
    """
    Clients of 2015 escape the URL once more; what is not escaped twice stays as it is.
    """
    try:
        originOf(said)
    except ValueError:
        return unquote(said)
    # .NET's EscapeUriString leaves the URL a URL, and escapes its escapes: then every percent sign is one of its own.
    return said.replace("%25", "%") if said.count("%") == said.count("%25") else said
