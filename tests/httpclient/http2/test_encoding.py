"""
Headers as they are written: what the other side reads is what was meant, whatever was written before.
"""

import pytest
from hpack import Decoder, NeverIndexedHeaderTuple
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.httpclient.http2.compression import SECRET, UNINDEXED, Compressor
from pushsvc.httpclient.http2.h2engine import UNINDEXED as H2_UNINDEXED
from pushsvc.httpclient.http2.h2engine import H2Engine

NAMES = st.sampled_from([b":method", b":path", b"apns-topic", b"apns-id", b"authorization", b"content-length", b"te"])
VALUES = st.sampled_from([b"", b"?", b"POST", b"/", b"org.example.chat", b"x" * 126, b"x" * 127, b"x" * 3000])
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
# The other side may say how large a table it has, at any time and more than once.
SIZES = st.lists(st.sampled_from([0, 64, 200, 4096, 65536]), max_size=3)
REQUESTS = st.lists(st.tuples(SIZES, HEADERS), max_size=12)


class OfH2:
    """
    The compression of the other engine, under our names.
    """

    def __init__(self):
        self.encoder = H2Engine()._connection.encoder

    def resize(self, size):
        self.encoder.header_table_size = size

    def write(self, headers):
        return self.encoder.encode(headers)


def isUnderstood(compressor, requests):
    """
    Whether hpack reads what was written.
    """
    decoder = Decoder(max_header_list_size=2**20)
    for sizes, headers in requests:
        for size in sizes:
            compressor.resize(size)
            decoder.max_allowed_table_size = size
        assert headers == [tuple(header) for header in decoder.decode(compressor.write(headers), raw=True)]
    return True


@given(REQUESTS)
def test_whatIsReadIsWhatWasMeant(requests):
    """
    The other side reads every request as it was meant, after any others and any change of its table.
    """
    assert isUnderstood(Compressor(), requests)


@given(REQUESTS)
def test_whatIsReadIsWhatWasMeantByTheOtherEngine(requests):
    """
    So it is with h2, as long as the table changes once at a time (see test_h2engine).
    """
    assert isUnderstood(OfH2(), [(sizes[-1:] if sizes[-1:] != [65536] else [], headers) for sizes, headers in requests])


@pytest.mark.parametrize("make", [Compressor, OfH2])
def test_whatRepeatsItselfIsWrittenOnce(make):
    """
    The headers that all requests to an origin have in common cost a byte each.
    """
    compressor = make()
    headers = [(b":method", b"POST"), (b"apns-topic", b"org.example.chat"), (b"apns-push-type", b"alert")]
    compressor.write(headers)

    assert 3 == len(compressor.write(headers))


@pytest.mark.parametrize(
    ("make", "name"),
    [*((Compressor, name) for name in sorted(SECRET)), *((OfH2, name) for name in sorted(H2_UNINDEXED))],
)
def test_secretsStayOutOfTheTable(make, name):
    """
    Whoever passes a request on is told not to remember its secrets.
    """
    compressor, decoder = make(), Decoder()

    [header] = decoder.decode(compressor.write([(name, b"value")]), raw=True)

    assert isinstance(header, NeverIndexedHeaderTuple)
    assert 0 == len(decoder.header_table.dynamic_entries)


@pytest.mark.parametrize("name", sorted(UNINDEXED))
def test_whatDiffersStaysOutOfTheTable(name):
    """
    What is never the same takes no place in the table.
    """
    compressor, decoder = Compressor(), Decoder()

    decoder.decode(compressor.write([(name, b"value")]), raw=True)

    assert () == compressor.entries
    assert 0 == len(decoder.header_table.dynamic_entries)


def test_theTableIsAsLargeAsTheOtherSidesAtMost():
    """
    However much is written, nothing leaves the table of either side, and both hold the same.
    """
    compressor, decoder = Compressor(), Decoder()
    for n in range(300):
        decoder.decode(compressor.write([(b"x-%d" % n, b"y" * n), (b"apns-topic", b"org.example")]), raw=True)

    assert (b"apns-topic", b"org.example") in compressor.entries
    assert list(reversed(compressor.entries)) == [tuple(entry) for entry in decoder.header_table.dynamic_entries]


@pytest.mark.parametrize("sizes", [(0,), (0, 0), (0, 4096), (100, 0), (65536,), (0, 65536, 100), (65536, 0, 65536)])
def test_sizesOfTables(sizes):
    """
    Whatever the other side says about its table, it is told at most twice what of that is used, the smallest first.
    """
    compressor, decoder = Compressor(), Decoder()
    headers = [(b"apns-topic", b"org.example")]
    decoder.decode(compressor.write(headers))

    for size in sizes:
        compressor.resize(size)
    decoder.max_allowed_table_size = sizes[-1]
    block = compressor.write(headers)

    assert headers == [tuple(header) for header in decoder.decode(block, raw=True)]
    assert decoder.header_table_size <= 4096
    assert decoder.header_table.maxsize == decoder.header_table_size
    assert 1 == len(list(compressor.entries)) or min(sizes[-1], 4096) < 50
