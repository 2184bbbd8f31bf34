"""
How stanzas reach us: ``[[links]]``.
"""

from collections.abc import Sequence
from typing import Any

from pushsvc.assembly.loading import load
from pushsvc.config import Configuration, ConfigurationError, build
from pushsvc.ipushsvc import ILink
from pushsvc.jids import domainOf


def linksOf(configuration: Configuration, reactor: Any, embedded: Sequence[ILink] = ()) -> list[ILink]:
    """
    The links: each host is served by one of them.

    Those that say what they serve come first; what is left over is for those that do not.

    :param embedded: links that there are already.
    :raises ConfigurationError: they do not fit.
    """
    names = list(configuration.hosts)
    particular: list[tuple[str, Any, Any]] = []
    general: list[tuple[str, Any, Any]] = []
    for index, table in enumerate(configuration.links):
        at = f"links.{index}"
        module = load("links", table["kind"], f"{at}.kind")
        options = build(module.Options, table, at)
        (general if getattr(options, "hosts", ()) is None else particular).append((at, module, options))
    links = [*embedded, *(_made(at, module, options, names, reactor) for at, module, options in particular)]
    left = [name for name in names if not any(link.serves(name) for link in links)]
    links += [_made(at, module, options, left, reactor) for at, module, options in general]
    for name in names:
        serving = sum(link.serves(name) for link in links)
        if serving != 1:
            raise ConfigurationError(f"hosts.{name}: {'several links serve' if serving else 'no link serves'} it")
    return links


def _made(at: str, module: Any, options: Any, hosts: Sequence[str], reactor: Any) -> ILink:
    try:
        link: ILink = module.makeLink(options, hosts, reactor)
    except ValueError as e:
        raise ConfigurationError(f"{at}: {e}") from None
    return link


class Outgoing:
    """
    Spontaneous stanzas leave by the link that serves their host.
    """

    def __init__(self, links: Sequence[ILink]) -> None:
        self._links = links

    def send(self, stanza: Any) -> None:
        """
        :param stanza: a domish element with ``from`` and ``to``.
        """
        for link in self._links:
            if link.serves(domainOf(stanza["from"])):
                link.send(stanza)
                return
