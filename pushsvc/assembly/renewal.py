"""
Apps whose credentials, or other options, have changed since the service was started.

What they become is probed first, and takes the place of what they were in one step: what is being sent goes on with
the old credentials, and what comes next goes with the new ones.
"""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.logger import Logger

from pushsvc.apps import App
from pushsvc.assembly.apps import Clients, appOf
from pushsvc.assembly.introducing import Introducing
from pushsvc.concealed import concealed
from pushsvc.config import Configuration, ConfigurationError
from pushsvc.errors import DeliveryError, ProviderDown, ProviderRefused

# What devices and hosts have been told already.
LASTING = ("kind", "registerHost", "pubsubHost", "publicName", "default", "providerIds")

# Seconds for a network to say what it thinks of new credentials: whoever reloads again waits for that.
PATIENCE = 60.0

# Tables that are read when the service starts, and then no more.
RESTARTING = ("storage", "links", "hosts", "web", "limits", "publisher", "registration")


class Renewal:
    """
    Reads the apps again, as long as they stay the same apps. Whatever else has changed takes a restart, and is told.
    """

    log = Logger()

    def __init__(
        self,
        configuration: Configuration,
        again: Callable[[], Configuration] | None,
        apps: dict[str, App],
        clients: Clients,
        reactor: Any,
        renewed: Callable[[str], None] = lambda app: None,
        introducing: Introducing | None = None,
    ) -> None:
        """
        :param again: reads the configuration once more; None: there is nothing to read.
        :param apps: those that are in use, by everybody.
        :param clients: as for `pushsvc.assembly.apps.appsOf`.
        :param renewed: told of apps that were renewed, and whose credentials are taken.
        :param introducing: tells those whose network is XMPP by what to publish.
        """
        self._renewed = renewed
        self._introducing = introducing
        self._configuration = configuration
        self._again = again
        self._apps = apps
        self._clients = clients
        self._reactor = reactor

    async def reload(self) -> bool:
        """
        Take over what can be.

        :returns: whether that is all there was.
        :raises ConfigurationError: the configuration cannot be understood; everything stays as it was.
        """
        if self._again is None:
            return True
        read = self._again()
        otherwise = self._otherwise(read)
        for table in otherwise:
            self.log.warn("{table} has changed: that takes a restart", table=table)
        renewed = [await self._renew(name, read) for name in list(self._apps) if name in read.apps]
        return all(renewed) and not otherwise

    def _otherwise(self, read: Configuration) -> list[str]:
        known = self._configuration
        changed = [
            f"[{table}]"
            for table in RESTARTING
            if getattr(read, table) != getattr(known, table)
        ]
        return changed + [f"[apps.{name}]" for name in sorted(read.apps.keys() ^ known.apps.keys())]

    async def _renew(self, name: str, read: Configuration) -> bool:
        try:
            new = appOf(read, name, self._clients, self._reactor)
            if any(getattr(new, which) != getattr(self._apps[name], which) for which in LASTING):
                self.log.warn("{table} has changed in what takes a restart: it stays", table=f"[apps.{name}]")
                return False
            if self._introducing is not None:
                self._introducing.introduce(new)
            await self._probe(new)
        except ConfigurationError as e:
            self.log.error("what was in use stays: {reason}", reason=str(e))
        except ProviderRefused as e:
            self.log.error(
                "{app}: what was in use stays: the network refuses the new credentials: {reason}",
                app=name,
                reason=str(e),
            )
        except DeliveryError as e:
            # They may be as bad as they may be good. Whoever knows that the network is well again can ask again.
            self.log.error(
                "{app}: what was in use stays: the network could not be asked about the new credentials: {reason}",
                app=name,
                reason=str(e),
            )
        except Exception:
            self.log.failure("{app}: what was in use stays: reading it again failed", concealed(), app=name)
        else:
            self._apps[name] = new
            self._renewed(name)
            return True
        return False

    async def _probe(self, app: App) -> None:
        try:
            await Deferred.fromCoroutine(app.provider.check()).addTimeout(PATIENCE, self._reactor)
        except (DeferredTimeout, CancelledError):
            raise ProviderDown("no answer in time") from None
