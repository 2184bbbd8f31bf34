"""
The other end of a stream to pushsvc, raw: it says whatever it is told to.
"""

import asyncio
import re
import ssl
from functools import lru_cache
from pathlib import Path

from bench.disturbed.stanzas import BIDI, EXTERNAL, STARTTLS, header

PATIENCE = 20.0

Certificate = tuple[Path, Path]


class Peer:
    """
    One connection.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, domain: str, to: str) -> None:
        """
        :param domain: who it says it is.
        :param to: whom it speaks to.
        """
        self.domain = domain
        self.to = to
        self.reader = reader
        self.writer = writer
        self._heard = ""

    @classmethod
    async def dial(cls, port: int, domain: str, to: str, source: str = "127.0.0.1") -> "Peer":
        """
        Connect.

        :param source: from this address.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
        return cls(reader, writer, domain, to)

    def say(self, text: str) -> None:
        """
        Say it.
        """
        self.writer.write(text.encode())

    async def hears(self, pattern: str) -> "re.Match[str]":
        """
        Wait until this is said, after what was waited for last.

        :raises EOFError: it is not going to be said.
        """
        compiled = re.compile(pattern, re.DOTALL)
        async with asyncio.timeout(PATIENCE):
            while not (match := compiled.search(self._heard)):
                data = await self.reader.read(65536)
                if not data:
                    raise EOFError(self._heard[-200:])
                self._heard += data.decode("utf-8", "replace")
        self._heard = self._heard[match.end() :]
        return match

    async def isRefused(self) -> str:
        """
        Wait for the end.

        :returns: the stream error that it came with.
        """
        try:
            return (await self.hears("<stream:error><([a-z-]+)"))[1]
        except (EOFError, OSError):
            return ""

    async def open(self) -> None:
        """
        Begin a stream, or begin it anew.
        """
        self.say(header(self.domain, self.to))
        await self.hears("<stream:stream.*?<stream:features.*?</stream:features>")

    async def secure(self, certificate: Certificate) -> None:
        """
        Come to where one may authenticate.
        """
        await self.open()
        self.say(STARTTLS)
        await self.hears("<proceed")
        await self.startTLS(certificate)
        await self.open()

    async def startTLS(self, certificate: Certificate) -> None:
        """
        TLS from here on; whom we speak with is not our worry.
        """
        await self.writer.start_tls(_context(certificate), server_hostname=self.to)

    async def prove(self, certificate: Certificate) -> None:
        """
        Authenticate by SASL EXTERNAL; answers come back on this stream (XEP-0288).
        """
        await self.secure(certificate)
        self.say(BIDI + EXTERNAL)
        await self.hears("<success")
        await self.open()

    def hangUp(self) -> None:
        """
        Leave at once.
        """
        self.writer.transport.abort()


@lru_cache
def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(*certificate)
    return context
