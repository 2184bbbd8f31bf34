"""
Storage, limits and pages.
"""

from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from pushsvc.config.basics import options


@dataclass(frozen=True, config=options)
class Storage:
    """
    ``[storage]``

    :ivar url: as SQLAlchemy spells it (``sqlite:////var/lib/pushsvc/pushsvc.db``, ``postgresql://…``), or ``memory:``.
    """

    url: str = "sqlite:///pushsvc.db"


@dataclass(frozen=True, config=options)
class Limits:
    """
    ``[limits]``: against abuse. What is published beyond them is not refused: it is accepted, merged with what waits
    for the same device already, and sent as soon as they allow it, within a minute. They are each process's own.

    :ivar publishesPerNode: a second, in the long run, for one device; 0: as many as there are.
    :ivar burstPerNode: so many at once.
    :ivar publishesPerAccount: a second, in the long run, for all devices of one account; 0: as many as there are.
    :ivar burstPerAccount: so many at once.
    :ivar publishesPerDomain: a second, in the long run, from one publishing domain; 0: as many as there are.
    :ivar burstPerDomain: so many at once.
    :ivar nodesPerAccount: nodes that an account may have created, on hosts where they can be; a further one is refused.
        0: as many as there are.
    :ivar nodesPerDomain: the same of what is no account: a server, or an app server. 0: as many as there are.
    :ivar registrationsPerAccount: devices, counting each room that a device is registered for; a further one is
        refused. 0: as many as there are.
    """

    publishesPerNode: float = Field(default=1.0, ge=0)
    burstPerNode: int = Field(default=60, ge=1)
    publishesPerAccount: float = Field(default=10.0, ge=0)
    burstPerAccount: int = Field(default=600, ge=1)
    publishesPerDomain: float = Field(default=1000.0, ge=0)
    burstPerDomain: int = Field(default=100_000, ge=1)
    registrationsPerAccount: int = Field(default=200, ge=0)
    nodesPerAccount: int = Field(default=200, ge=0)
    nodesPerDomain: int = Field(default=100_000, ge=0)


@dataclass(frozen=True, config=options)
class Web:
    """
    ``[web]``: pages for operators. Left out: there are none.

    :ivar listen: a Twisted server endpoint. Whoever can reach it may read the pages.
    """

    listen: str = "tcp:8080:interface=127.0.0.1"


@dataclass(frozen=True, config=options)
class Registration:
    """
    ``[registration]``: registering over HTTP, for clients that do. It faces the internet. Left out: there is none.

    :ivar listen: a Twisted server endpoint: with TLS of its own, or behind a reverse proxy that has it.
    :ivar host: the register host for whose apps it is; None: the only one.
    :ivar dialects: which pages there are: ``appserver`` has ``v1/register``, ``v1/unregister`` and ``v1/push``,
        ``tigase`` has ``unregister-device``.
    :ivar proxies: addresses or networks of reverse proxies, which say in X-Forwarded-For for whom they come.
    :ivar requestsPerAddress: a second, in the long run; an IPv6 address stands for its /64.
    :ivar burstPerAddress: so many at once.
    :ivar registrationsPerAddress: devices that were not registered before, a day.
    """

    listen: str
    host: str | None = None
    dialects: tuple[Literal["appserver", "tigase"], ...] = ("appserver", "tigase")
    proxies: tuple[str, ...] = ()
    requestsPerAddress: float = Field(default=1.0, gt=0)
    burstPerAddress: int = Field(default=60, ge=1)
    registrationsPerAddress: int = Field(default=200, ge=1)
