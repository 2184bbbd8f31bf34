"""
A client id and a secret in, a token out (RFC 6749, section 4.4): Microsoft's and Huawei's way.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from twisted.internet.interfaces import IReactorTime

from pushsvc.exchange import Request
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers.bearertoken import BearerToken


class ClientToken(BearerToken):
    """
    The token that a client id and its secret obtain.
    """

    hints: Mapping[str, str] = {
        "invalid_client": "the id or the secret is wrong, or the secret has run out",
        "invalid_grant": "the id or the secret is wrong",
        "invalid_request": "the id cannot be one",
        "invalid_scope": "the client may not do this",
        "unauthorized_client": "there is no such client, or it may not do this",
    }

    def __init__(
        self,
        endpoint: str,
        clientId: str,
        secret: str,
        scope: str | None,
        http: IHTTP,
        clock: IReactorTime,
        deadline: float,
    ) -> None:
        """
        :param endpoint: the URL of the token endpoint.
        :param scope: what the token is for; None: that goes without saying.
        """
        super().__init__(http, clock, deadline)
        self._endpoint = endpoint
        form = {"grant_type": "client_credentials", "client_id": clientId, "client_secret": secret}
        if scope is not None:
            form["scope"] = scope
        self._form = urlencode(form).encode("ascii")

    def request(self, now: int) -> Request:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request("POST", self._endpoint, headers, self._form, self._deadline)
