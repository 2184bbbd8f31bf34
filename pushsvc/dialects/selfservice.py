"""
For people rather than programs: what about my devices, try one, forget one, forget all. Clients that show ad-hoc
commands (Gajim, Psi, Dino) show these as they are.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandField, CommandRequest, CommandResult
from pushsvc.errors import NoSuchCommand, NoSuchNode, TryLater
from pushsvc.ipushsvc import ICare, IDialect, IDialectKind, IRegistrar
from pushsvc.meanings import meaningOf
from pushsvc.model import Registration, Remembered

moduleProvides(IDialectKind)

DEVICES = "pushsvc:devices"
TEST = "pushsvc:test"
FORGET = "pushsvc:forget"
FORGET_ALL = "pushsvc:forget-all"

NAMES = {
    DEVICES: "My devices: do notifications arrive?",
    TEST: "Send a test notification to one of my devices",
    FORGET: "Forget one of my devices",
    FORGET_ALL: "Forget all of my devices",
}

_COLUMNS = (
    CommandField("device-name", "Device"),
    CommandField("app", "App"),
    CommandField("registered", "Registered"),
    CommandField("last-success", "Last taken by the network"),
    CommandField("last-error", "Last trouble"),
    CommandField("meaning", "What that means"),
)
_NOBODY = CommandResult(note="None of your devices is registered here.")


@implementer(IDialect)
class SelfService:
    """
    Asks, and does.
    """

    def __init__(self, registrar: IRegistrar) -> None:
        self._registrar = registrar

    def commands(self, registerHost: str) -> Mapping[str, str]:
        return NAMES

    async def execute(self, request: CommandRequest) -> CommandResult:
        if request.node not in NAMES:
            raise NoSuchCommand()
        conditions = await self._care.conditions(request.owner)
        if not conditions:
            return _NOBODY
        if request.node == DEVICES:
            items = tuple(_shown(each.registration, each.remembered) for each in conditions)
            return CommandResult(columns=_COLUMNS, items=items, title="My devices")
        devices = [each.registration for each in conditions]
        if request.node == FORGET_ALL:
            return await self._forgetAll(request, devices)
        chosen = request.fields.one("device") if request.fields is not None else None
        if chosen is None:
            return CommandResult(form=(_choice(devices),), title=NAMES[request.node])
        if chosen not in {device.node for device in devices}:
            raise NoSuchNode("there is no such device")
        if request.node == TEST:
            await self._care.tryOut(request.owner, chosen)
            return CommandResult(note=f"It is on its way. In a minute, look what came of it: {NAMES[DEVICES]}")
        await self._registrar.unregisterNodes(request.owner, [chosen])
        return CommandResult(note="It is forgotten. Its app has to register again before it is notified.")

    @property
    def _care(self) -> ICare:
        if self._registrar.care is None:
            raise TryLater("nobody looks after devices here")
        care: ICare = self._registrar.care
        return care

    async def _forgetAll(self, request: CommandRequest, devices: Sequence[Registration]) -> CommandResult:
        sure = request.fields.one("sure") if request.fields is not None else None
        if sure not in ("1", "true"):
            asked = CommandField("sure", f"Really forget all {len(devices)}?", "boolean", True, ("0",))
            return CommandResult(form=(asked,), title=NAMES[FORGET_ALL])
        gone = await self._registrar.unregisterNodes(request.owner, [device.node for device in devices])
        return CommandResult(note=f"Forgotten: {len(gone)}. Apps have to register again before they are notified.")


def _choice(devices: Sequence[Registration]) -> CommandField:
    options = {device.node: _called(device) for device in devices}
    return CommandField("device", "Device", "list-single", True, options=options)


def _shown(device: Registration, remembered: Remembered) -> dict[str, str]:
    shown: dict[str, Any] = {
        "device-name": _called(device),
        "app": device.target.app,
        "registered": _when(device.renewed),
        "last-success": _when(remembered.succeeded),
        "last-error": _when(remembered.failed),
        "meaning": meaningOf(remembered.word) if remembered.word is not None else None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _called(device: Registration) -> str:
    name = device.deviceName or device.deviceId
    return f"{name} ({device.room})" if device.room else name


def _when(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def makeDialect(registrar: IRegistrar) -> IDialect:
    return SelfService(registrar)
