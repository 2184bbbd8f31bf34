"""
What HTTP's status says by itself, of networks that the operator has named: who there refuses us refuses our
credentials, and where nothing is the operator has named something else.
"""

from collections.abc import Mapping

from pushsvc.errors import (
    BadRequest,
    DeliveryError,
    PayloadTooLarge,
    ProviderDown,
    ProviderRefused,
    Throttled,
)

USUAL: Mapping[int, type[DeliveryError]] = {
    400: BadRequest,
    401: ProviderRefused,
    403: ProviderRefused,
    404: ProviderRefused,
    405: ProviderRefused,
    413: PayloadTooLarge,
    429: Throttled,
}

# Of these of 4xx it is nobody's fault that they came: another time may do.
_PASSING = (408, 425)


def ofStatus(status: int, known: Mapping[int, type[DeliveryError]]) -> type[DeliveryError]:
    """
    What a status means of which nothing more is said.

    :param known: what the network's own mean.
    """
    meaning = known.get(status)
    if meaning is not None:
        return meaning
    return BadRequest if 400 <= status < 500 and status not in _PASSING else ProviderDown
