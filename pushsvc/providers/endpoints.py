"""
URLs that clients name: where their pushes are to go.

Whoever may register could have us ask for anything, in our own network too. So every such URL is read here, once, when
the device registers; and because DNS can say another thing a moment later, the `pushsvc.ipushsvc.IHTTP` of an app with
`EndpointOptions` looks at every address once more before it dials it.
"""

from typing import Annotated

from pydantic import AfterValidator
from pydantic.dataclasses import dataclass

from pushsvc.config import AppOptions, options
from pushsvc.errors import BadForm, DeliveryError, ProviderDown, Refused
from pushsvc.exchange import AnswerTooLarge, ExchangeFailed, NotAdmitted, NotPermitted, NotTrusted, Request, Response
from pushsvc.guard import allowed, allowing, isPublic, originOf
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers.failures import asDeliveryError

# Characters. UnifiedPush's end at 1000, the longest known are WNS's, of about 600.
LONGEST_URL = 2048


def _pattern(text: str) -> str:
    allowed(text)
    return text


@dataclass(frozen=True, config=options, kw_only=True)
class EndpointOptions(AppOptions):
    """
    ``[apps.NAME]`` of networks whose devices have URLs.

    :ivar allowedEndpoints: servers that may be asked although they are not at public addresses:
        ``https://push.example.org``, ``https://127.0.0.1:*``. Names stand for names, addresses for addresses.
    """

    allowedEndpoints: tuple[Annotated[str, AfterValidator(_pattern)], ...] = ()


class Endpoints:
    """
    What may be an endpoint.
    """

    def __init__(self, allowed: tuple[str, ...] = ()) -> None:
        """
        :param allowed: as ``allowed-endpoints`` has them.
        :raises ValueError: one of them is none.
        """
        self._guard = allowing(allowed)

    def read(self, name: str, url: str) -> str:
        """
        The URL, unchanged: what is encoded in it means something to its server only.

        :param name: of the field, for the client.
        :raises BadForm: it cannot be one, or leads to where we do not go.
        """
        if len(url) > LONGEST_URL:
            raise BadForm(f"{name}: too long")
        try:
            origin = originOf(url)
        except ValueError as e:
            raise BadForm(f"{name}: {e}") from None
        if not self._guard.names(origin) and not isPublic(origin):
            raise BadForm(f"{name}: not at a public address")
        return url


def origin(url: str) -> str:
    """
    The server of an endpoint that was read: ``https://push.example.org:8443``; the port goes without saying where it is
    the default.

    :raises ValueError: it is none.
    """
    return str(originOf(url))


async def asked(http: IHTTP, request: Request, who: str) -> Response:
    """
    What an endpoint answers that a client named. However much it goes on to say, its status says what became of the
    push: who sends a page along with it would get the push again and again.

    :param who: what is asked, for the operator; not its URL.
    :raises DeliveryError: there is no answer.
    """
    try:
        return await http.request(request)
    except AnswerTooLarge as answered:
        return answered.response
    except ExchangeFailed as failed:
        raise asEndpointError(failed, who) from None


def asEndpointError(failed: ExchangeFailed, who: str) -> DeliveryError:
    """
    What it means that an endpoint does not answer, where the client named it: whatever is wrong there, it is not our
    configuration.

    :param who: what was asked, for the operator; not its URL.
    """
    if isinstance(failed, (NotTrusted, NotAdmitted)):
        # Somebody else's certificate has ended, or never was one: no alarm for that.
        return ProviderDown(f"{who}: {failed}")
    if isinstance(failed, NotPermitted):
        # Not gone: DNS can say another thing tomorrow.
        return Refused(f"{who}: {failed}")
    return asDeliveryError(failed, who)
