"""
Apps whose credentials, or other options, have changed since the service was started.

What they become is probed first, and takes the place of what they were in one step: what is being sent goes on with
the old credentials, and what comes next goes with the new ones.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.logger import Logger

from pushsvc.apps import App
from pushsvc.assembly.apps import appOf
from pushsvc.concealed import concealed
from pushsvc.config import Configuration, ConfigurationError
from pushsvc.errors import DeliveryError, ProviderRefused
from pushsvc.ipushsvc import IHTTP

# What devices and hosts have been told already.
LASTING = ("kind", "registerHost", "pubsubHost", "publicName", "default")


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
        clients: dict[Path | None, IHTTP],
        reactor: Any,
    ) -> None:
        """
        :param again: reads the configuration once more; None: there is nothing to read.
        :param apps: those that are in use, by everybody.
        :param clients: as for `pushsvc.assembly.apps.appsOf`.
        """
        self._configuration = configuration
        self._again = again
        self._apps = apps
        self._clients = clients
        self._reactor = reactor

    async def reload(self) -> None:
        """
        Take over what can be.

        :raises ConfigurationError: the configuration cannot be understood; everything stays as it was.
        """
        if self._again is None:
            return
        read = self._again()
        for table in self._otherwise(read):
            self.log.warn("{table} has changed: that takes a restart", table=table)
        for name in [name for name in self._apps if name in read.apps]:
            await self._renew(name, read)

    def _otherwise(self, read: Configuration) -> list[str]:
        known = self._configuration
        changed = [
            f"[{table}]"
            for table in ("storage", "links", "hosts", "web")
            if getattr(read, table) != getattr(known, table)
        ]
        return changed + [f"[apps.{name}]" for name in sorted(read.apps.keys() ^ self._apps.keys())]

    async def _renew(self, name: str, read: Configuration) -> None:
        try:
            new = appOf(read, name, self._clients, self._reactor)
            if any(getattr(new, which) != getattr(self._apps[name], which) for which in LASTING):
                self.log.warn("{table} has changed in what takes a restart: it stays", table=f"[apps.{name}]")
                return
            await new.provider.check()
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
