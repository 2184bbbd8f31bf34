"""
Limits against abuse: ``[limits]``.
"""

from pushsvc.config import Limits as Options
from pushsvc.delivery.limits import Limits


def limitsOf(options: Options) -> Limits:
    """
    The limits on publishes.
    """
    return Limits(
        node=_bucket(options.publishesPerNode, options.burstPerNode),
        account=_bucket(options.publishesPerAccount, options.burstPerAccount),
        domain=_bucket(options.publishesPerDomain, options.burstPerDomain),
    )


def _bucket(rate: float, burst: int) -> tuple[float, int] | None:
    return (rate, burst) if rate else None
