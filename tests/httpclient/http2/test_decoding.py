"""
Headers as they are read: our own reading against hpack's.
"""

from hpack import Decoder, Encoder
from hpack.exceptions import HPACKError
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hpack.huffman_table import decode_huffman
from hypothesis import given, settings
from hypothesis import strategies as st

from pushsvc.httpclient.http2.fields import LARGEST_LIST
from pushsvc.httpclient.http2.huffman import text
from pushsvc.httpclient.http2.stateless import read

BYTES = st.binary(max_size=60)
# Of every kind, with names out of the table and without, short and long texts, and what is none.
PIECES = st.one_of(
    st.sampled_from([b"\x88", b"\x80", b"\xbd", b"\xbe", b"\xff\x00", b"\x20", b"\x3f\xe1\x1f", b"\x0f\x2e\x01x"]),
    st.sampled_from([b"\x00\x01a\x01b", b"\x48\x03201", b"\x11\x00", b"\x0f\x2f\x01x", b"\x7f\x00\x01x", b"\x00\x01"]),
    st.tuples(st.sampled_from([b"\x00", b"\x10", b"\x40"]), BYTES, BYTES).map(
        lambda of: of[0] + string(of[1]) + string(of[2])
    ),
    st.tuples(BYTES, BYTES).map(lambda of: b"\x00" + bytes([len(of[0])]) + of[0] + bytes([0x80 | len(of[1])]) + of[1]),
    st.integers(120, 400).map(lambda n: Encoder().encode([(b"x", b"y" * n)], huffman=n % 2 == 0)),
    BYTES,
)


def string(said):
    """
    A text in Huffman's code, as a block has it.
    """
    code = encoded(said)
    return (bytes([0x80 | len(code)]) if len(code) < 127 else b"\xff" + bytes([len(code) - 127])) + code


def encoded(said):
    return HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH).encode(said)


@settings(max_examples=300)
@given(st.binary(max_size=80))
def test_whatIsWrittenInHuffmansCodeIsRead(said):
    """
    Any text in Huffman's code is read as it was written.
    """
    assert said == text(encoded(said))


@settings(max_examples=1000)
@given(st.one_of(BYTES, st.tuples(BYTES, st.binary(max_size=6)).map(lambda of: encoded(of[0]) + of[1])))
def test_whatIsNoTextIsNone(code):
    """
    Any bytes are read as hpack reads them, and what hpack refuses is refused.
    """
    try:
        expected = decode_huffman(code)
    except HPACKError:
        expected = None

    assert expected == text(code)


@settings(max_examples=1000)
@given(st.lists(PIECES, max_size=6).map(b"".join), st.sampled_from([40, 200, LARGEST_LIST]))
def test_whatIsReadIsWhatHpackReads(block, largest):
    """
    What our own reading takes it reads as hpack does where nobody keeps a table, and what is wrong it does not take.
    """
    decoder = Decoder(largest)
    decoder.header_table_size = decoder.max_allowed_table_size = 0

    ours = read(block, largest)

    if ours is not None:
        assert ours == [(bytes(name), bytes(value)) for name, value in decoder.decode(block, raw=True)]
        assert 0 == len(decoder.header_table.dynamic_entries)


NAMES = st.one_of(BYTES.filter(bool), st.sampled_from([b":status", b"server", b"date", b"via", b"content-length"]))


@given(st.lists(st.tuples(NAMES, BYTES), max_size=8), st.booleans(), st.booleans())
def test_usualAnswersAreOurs(headers, huffman, sensitive):
    """
    Nothing that a server writes for us who keep no table has to be left to hpack.
    """
    encoder = Encoder()
    encoder.header_table_size = 0
    encoder.encode([])
    block = encoder.encode([(*header, sensitive) for header in headers], huffman=huffman)

    assert headers == read(block, LARGEST_LIST)
