"""
What goes wrong in a provider, as the errors that providers may raise.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import extract_tb

from twisted.internet.defer import CancelledError
from twisted.logger import Logger

from pushsvc.errors import BadRequest, DeliveryError, ProviderDown, ProviderRefused
from pushsvc.exchange import ExchangeFailed, NotAdmitted, NotPermitted, NotTrusted

_log = Logger()


def asDeliveryError(failed: ExchangeFailed, who: str) -> DeliveryError:
    """
    What it means that there is no answer, where the operator or the network itself says who is asked.

    :param who: what was asked, for the operator.
    """
    if isinstance(failed, (NotTrusted, NotAdmitted)):
        # Not nobody's fault: our roots are wrong, or somebody stands in between; or our certificate is no good.
        return ProviderRefused(f"{who}: {failed}")
    if isinstance(failed, NotPermitted):
        # It is the operator who has named it, and who may say that it is meant.
        return ProviderRefused(f"{who}: {failed}; allowed-endpoints may name it")
    return ProviderDown(f"{who}: {failed}", maybeSent=failed.maybeSent)


@contextmanager
def deliveryErrorsOnly(app: str) -> Iterator[None]:
    """
    Lets DeliveryErrors out, and nothing else, whatever happens in it.
    """
    try:
        yield
    except DeliveryError:
        raise
    except CancelledError:
        raise ProviderDown("given up waiting", maybeSent=True) from None
    except Exception as e:
        # Not the failure itself: its text may quote the token or the message.
        last = extract_tb(e.__traceback__)[-1]
        kind, where = type(e).__name__, f"{last.name}, line {last.lineno}"
        _log.error("{app}: a bug in the provider: {kind} in {where}", app=app, kind=kind, where=where)
        raise BadRequest(f"{kind} in {where}") from None
