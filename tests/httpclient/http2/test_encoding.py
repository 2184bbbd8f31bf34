"""
Headers as they are written: what the other side reads is what was meant, whatever was written before.
"""

import pytest
from hpack import Decoder, NeverIndexedHeaderTuple
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.httpclient.http2.framing import UNINDEXED, H2Engine

NAMES = st.sampled_from([b":method", b":path", b"apns-topic", b"apns-id", b"authorization", b"content-length", b"te"])
VALUES = st.sampled_from([b"", b"?", b"POST", b"/", b"org.example.chat", b"x" * 126, b"x" * 127, b"x" * 5000])
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
# The other side may say how large a table it has, at any time.
SIZES = st.sampled_from([None, 0, 64, 200, 4096])


def encoderOf(engine):
    return engine._connection.encoder


@given(st.lists(st.tuples(SIZES, HEADERS), max_size=12))
def test_whatIsReadIsWhatWasMeant(requests):
    """
    The other side reads every request as it was meant, after any others and any change of its table.
    """
    encoder, decoder = encoderOf(H2Engine()), Decoder(max_header_list_size=2**20)
    for size, headers in requests:
        if size is not None:
            encoder.header_table_size = decoder.max_allowed_table_size = size

        assert headers == [tuple(header) for header in decoder.decode(encoder.encode(headers), raw=True)]


def test_whatRepeatsItselfIsWrittenOnce():
    """
    The headers that all requests to an origin have in common cost a byte each.
    """
    encoder = encoderOf(H2Engine())
    headers = [(b":method", b"POST"), (b"apns-topic", b"org.example.chat"), (b"apns-push-type", b"alert")]
    encoder.encode(headers)

    assert 3 == len(encoder.encode(headers))


@pytest.mark.parametrize("name", sorted(UNINDEXED))
def test_secretsAndWhatDiffersStayOutOfTheTable(name):
    """
    Whoever passes a request on is told not to remember its secrets, and what differs drives nothing out.
    """
    encoder, decoder = encoderOf(H2Engine()), Decoder()

    [header] = decoder.decode(encoder.encode([(name, b"value")]), raw=True)

    assert isinstance(header, NeverIndexedHeaderTuple)
    assert 0 == len(decoder.header_table.dynamic_entries)
