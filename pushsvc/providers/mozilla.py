"""
SimplePush: Firefox OS and what descends from it. Mozilla has switched its own server off; others run theirs.

A device registers with its endpoint as ``token``: the whole URL, or, as clients of mod_push do, what is left of it
after the app's ``endpoint``. Nobody needs credentials, so that one app serves every application, and is called ``any``
in service discovery.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from pydantic.dataclasses import dataclass
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer, moduleProvides

from pushsvc.config import options
from pushsvc.errors import BadForm
from pushsvc.exchange import ExchangeFailed, Request, Response
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IPayloads, IProvider, IProviderKind
from pushsvc.model import Notification, Target
from pushsvc.providers.endpoints import EndpointOptions, Endpoints, asked, origin
from pushsvc.providers.failures import asDeliveryError, deliveryErrorsOnly
from pushsvc.providers.mozillaverdict import isSuccess, verdictOn
from pushsvc.providers.mozillaversion import Versions
from pushsvc.providers.payload import ANY_ID, ENCRYPTED_FEATURES, ENVELOPE, encoded, fitting, pushed
from pushsvc.providers.tokens import readToken

moduleProvides(IProviderKind)

ENDPOINT = "https://updates.push.services.mozilla.com/push"
VERSION_FILE = Path("pushsvc-mozilla.version")
# Bytes of data that servers take.
LIMIT = 4096
# Seconds for one answer.
DEADLINE = 15.0

_TAIL = re.compile(r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~=:+%-]+(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~=:+%-]+)*")


@dataclass(frozen=True, config=options, kw_only=True)
class Options(EndpointOptions):
    """
    ``[apps.NAME]`` with ``provider = "mozilla"``. Unless ``app-name`` is given, service discovery shows it as ``any``.

    :ivar versionFile: where pushsvc keeps how far versions have grown, for when it starts again: phones ignore those
        that do not grow. None: ``pushsvc-mozilla.version`` where pushsvc runs.
    """

    appName: str | None = "any"
    versionFile: Path | None = None


@implementer(IProvider, IPayloads)
class Mozilla:
    """
    The devices of whatever applications register.
    """

    features = ENCRYPTED_FEATURES

    def __init__(
        self,
        name: str,
        endpoint: str,
        endpoints: Endpoints,
        versions: Versions,
        http: IHTTP,
        clock: IReactorTime,
        deadline: float,
    ) -> None:
        self._name = name
        self._endpoint = endpoint.rstrip("/")
        self._own = origin(self._endpoint)
        self._endpoints = endpoints
        self._versions = versions
        self._http = http
        self._clock = clock
        self._deadline = deadline
        self.payloadSize = LIMIT - len(encoded(pushed(ENVELOPE, ANY_ID)))

    def speaksFor(self, fields: Fields) -> bool:
        return False

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        token = readToken(fields, "token")
        if token is None:
            raise BadForm("token is missing")
        if "://" not in token and not _TAIL.fullmatch(token):
            raise BadForm("token: neither an https URL nor the end of one")
        self._endpoints.read("token", self._urlOf(token))
        return token, {}

    def lane(self, target: Target) -> str:
        return f"{self._name}/{origin(self._urlOf(target.token))}"

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            data = fitting(notification, lambda smaller: encoded(pushed(smaller, pushId)), LIMIT)
            response = await self._put(self._urlOf(target.token), {"version": self._versions.next(), "data": data})
            if not isSuccess(response):
                raise verdictOn(response, self._clock.seconds())
            return True

    async def check(self) -> None:
        """
        There are no credentials, and nobody to ask before a device has named one.
        """

    def _urlOf(self, token: str) -> str:
        return token if "://" in token else f"{self._endpoint}/{token}"

    async def _put(self, url: str, form: Mapping[str, int | bytes]) -> Response:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode("ascii")
        request = Request("PUT", url, headers, body, self._deadline)
        # Who named the server may do something about it: the operator, or else nobody whom we know.
        if origin(url) != self._own:
            return await asked(self._http, request, "SimplePush")
        try:
            return await self._http.request(request)
        except ExchangeFailed as failed:
            raise asDeliveryError(failed, "SimplePush") from None


def makeProvider(name: str, options: Options, http: IHTTP, clock: IReactorTime, deadline: float = DEADLINE) -> Mozilla:
    endpoint = options.endpoint or ENDPOINT
    endpoints = Endpoints(options.allowedEndpoints)
    try:
        endpoints.read("endpoint", endpoint)
    except BadForm as e:
        raise ValueError(f"{e}; allowed-endpoints may name it" if "public" in str(e) else str(e)) from None
    try:
        versions = Versions(options.versionFile or VERSION_FILE, clock)
    except ValueError as e:
        raise ValueError(f"version-file: {e}") from None
    return Mozilla(name, endpoint, endpoints, versions, http, clock, deadline)
