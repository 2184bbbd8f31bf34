"""
Accounts that are gone: their devices are told while somebody still knows them, and nothing of them stays (Tigase's
account-removed, mod_push's removal of users).
"""

from collections.abc import Sequence

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.concurrently import Errands
from pushsvc.enablement import Enablement
from pushsvc.errors import RequestError, TryLater
from pushsvc.ipushsvc import INodes, IPushService, IRegistrar

# Seconds that services have for taking it while what is here still stands: our own needs its nodes for that. Whoever
# reported it waits for so long.
HEED = 5.0


class Departing:
    """
    Says farewell.

    :param isTold: whether services are told.
    :param nodes: where there may be nodes that accounts have created.
    """

    log = Logger()

    def __init__(
        self,
        pushService: IPushService,
        registrar: IRegistrar,
        isTold: bool,
        clock: IReactorTime,
        nodes: INodes | None = None,
    ) -> None:
        self._pushService = pushService
        self._registrar = registrar
        self._isTold = isTold
        self._clock = clock
        self._nodes = nodes

    async def farewell(self, account: str, enablements: Sequence[Enablement]) -> None:
        """
        Forget what an account has registered with us and created here, and tell the services that it enabled.

        :raises TryLater: storage trouble.
        """
        former = {(each.node, each.renewed) for each in await self._registrar.registrations(account)}
        if self._isTold:
            # Once: nobody will ask whether they have heard it.
            telling = Errands(self._clock)
            for each in enablements:
                telling.run(self._tell(each))
            await telling.finish(HEED)
        # Services take their time: whoever has been given the name meanwhile keeps what is his.
        nodes = [
            each.node for each in await self._registrar.registrations(account) if (each.node, each.renewed) in former
        ]
        if nodes:
            await self._registrar.unregisterNodes(account, nodes)
        if self._nodes is not None:
            await self._nodes.removeOf(account)

    async def _tell(self, service: Enablement) -> None:
        try:
            await self._pushService.farewell(service.account, service.service, service.node or None, service.form)
        except (RequestError, TryLater):
            pass
        except Exception:
            self.log.failure("a service could not be told that an account is gone: this is a bug", concealed())
