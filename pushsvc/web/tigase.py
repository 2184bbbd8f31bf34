"""
The one page of Tigase's vocabulary: ``unregister-device``, for an account that was removed from the phone while it was
offline, so that nobody can log in any more to say so.

JSON: ``account``, ``provider`` and ``device-token``. Who knows the token is believed. Whatever was there, the answer is
the same: nobody finds out by it which accounts there are.
"""

import json
from collections.abc import Collection
from typing import Any

from pushsvc.errors import BadForm, NoSuchNode
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IRegistrar
from pushsvc.jids import addressOf
from pushsvc.web.registering import Answer, Posted, Vocabulary, readText

# Clients try one, then the other.
PATHS = "/unregister-device/", "/rest/push/unregister-device/"


class Tigase:
    """
    Unregisters.
    """

    def __init__(self, registrar: IRegistrar, registerHost: str, names: Collection[str]) -> None:
        """
        :param names: the JIDs that clients may have for this service.
        """
        self._registrar = registrar
        self._host = registerHost
        self._names = names

    @property
    def vocabulary(self) -> Vocabulary:
        """
        The page.
        """
        return Vocabulary(dict.fromkeys(PATHS, self.unregister), _failed, "application/json")

    async def unregister(self, posted: Posted) -> Answer:
        """
        Forget a device of an account.
        """
        named = addressOf(posted.rest)
        if named is None or named.full not in self._names:
            return _failed(404, "")
        said = _object(posted.body)
        account = addressOf(_text(said, "account"))
        if account is None or account.local is None:
            raise BadForm("account: not that of a person")
        provider, token = _text(said, "provider"), _text(said, "device-token")
        offer = next((each for each in self._registrar.offers(self._host) if provider in each.ids), None)
        if offer is None:
            raise NoSuchNode("provider: there is no such app here")
        fields = Fields({"app": (offer.app,), "token": (token,)})
        known = await self._registrar.withToken(self._host, account.bare, offer.provider, fields)
        if known:
            await self._registrar.unregisterNodes(account.bare, [registration.node for registration in known])
        return _answer(200, "success")


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise BadForm("this is no JSON object")
    return said


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise BadForm(f"{name} is missing")
    return readText(value)


def _failed(status: int, text: str) -> Answer:
    return _answer(status, "failure", **({"reason": text} if text else {}))


def _answer(status: int, result: str, **more: str) -> Answer:
    return Answer(status, json.dumps({"result": result, **more}).encode("ascii"))
