"""
Virtual pubsub hosts: names of push services that are served right here, without any pubsub (MongooseIM).

A service of such a name is told by our own delivery, whatever else goes by that name: for pushes, and for nothing else,
the virtual name comes first. So devices can be moved from a pubsub service of old without their noticing.
"""

from collections.abc import Sequence

_PLACES = ("@host@", "@hosts@")


class VirtualHosts:
    """
    The names, in which ``@HOST@`` stands for the domain of the account.
    """

    def __init__(self, templates: Sequence[str]) -> None:
        # As JIDs are prepared.
        self._templates = tuple(template.lower() for template in templates)

    def isVirtual(self, service: str, domain: str) -> bool:
        """
        Whether a service of this name is served here, for accounts of this domain.

        :param service: the JID's domain.
        """
        return any(_filled(template, domain) == service for template in self._templates)

    def of(self, domain: str) -> Sequence[str]:
        """
        The names for accounts of this domain.
        """
        return [_filled(template, domain) for template in self._templates]


def _filled(template: str, domain: str) -> str:
    for place in _PLACES:
        template = template.replace(place, domain)
    return template
