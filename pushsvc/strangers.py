"""
Those who register without an account: over HTTP, where no server vouches for anybody.

Each device is an owner of its own here, made of the id that it gives, and one that no JID can be: so what strangers own
and what accounts own never meet. Within it a registration is known by its token, and not by the id alone: whoever knows
the id of a device, and comes with another token, gets a registration beside the device's, not the device's.
"""

import hashlib
from collections.abc import Callable, Sequence

from pushsvc.errors import BadForm, NoSuchNode
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IRegistrar, IRegistrations
from pushsvc.kinds import canonical
from pushsvc.model import Credentials, Device, Registration, tokenId

DEVICE_ID_MAX = 1023
# No JID begins like this.
_MARK = "@"


def ownerOf(registerHost: str, deviceId: str) -> str:
    """
    Who owns what a stranger's device registers. It begins as no JID does, and tells nothing of the device.
    """
    said = f"{registerHost}\0{deviceId}".encode("utf-8", "surrogatepass")
    return f"{_MARK}{hashlib.sha256(said).hexdigest()}"


class Strangers:
    """
    Registers and unregisters those of one register host.
    """

    def __init__(self, registrar: IRegistrar, registrations: IRegistrations, registerHost: str) -> None:
        self._registrar = registrar
        self._registrations = registrations
        self._host = registerHost

    async def register(self, fields: Fields, isNew: Callable[[], None]) -> Credentials:
        """
        Register a device, by its ``type``, ``node`` (its id) and ``token``, and what else its network reads. A token
        that registers again keeps its node.

        :param isNew: called before what was not there is kept; what it raises is raised.
        :raises RequestError: as `IRegistrar.register`, and so is TryLater.
        """
        network = _network(fields)
        owner = ownerOf(self._host, _deviceId(fields))
        known = await self._registrar.withToken(self._host, owner, network, fields)
        if not known:
            isNew()
        device = Device(known[0].deviceId if known else tokenId(fields.required("token")))
        return await self._registrar.register(self._host, owner, device, network, fields)

    async def unregister(self, fields: Fields) -> None:
        """
        Forget what a device has registered with a network, ``type``. ``node`` is its id, or the node that it got;
        with a ``token``, only what is of this one.

        :raises NoSuchNode: there is nothing.
        :raises RequestError: as `IRegistrar.register`, and so is TryLater.
        """
        network, said = _network(fields), _deviceId(fields)
        owner = ownerOf(self._host, said)
        if fields.one("token") is not None:
            found = await self._registrar.withToken(self._host, owner, network, fields)
        else:
            found = await self._registrar.registrations(owner) or await self._called(said)
        apps = {offer.app for offer in self._registrar.offers(self._host) if offer.provider == network}
        nodes = [each.node for each in found if each.target.app in apps]
        if not nodes or not await self._registrar.unregisterNodes(found[0].owner, nodes):
            raise NoSuchNode("there is no such device")

    async def _called(self, node: str) -> Sequence[Registration]:
        """
        The stranger's registration of this node.
        """
        known = await self._registrations.byNode(node)
        return [] if known is None or not known.owner.startswith(_MARK) else [known]


def _network(fields: Fields) -> str:
    return canonical("providers", fields.required("type").strip().lower())


def _deviceId(fields: Fields) -> str:
    deviceId = fields.required("node")
    if len(deviceId) > DEVICE_ID_MAX:
        raise BadForm("node is too long")
    return deviceId
