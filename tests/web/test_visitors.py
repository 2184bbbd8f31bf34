"""
Who comes over HTTP, and how often.
"""


import pytest

from pushsvc.strangers import ownerOf
from tests.web.visiting import HOST, PHONE, House


def test_tooManyRequests(clock):
    """
    An address may ask so often; then it is told when to come again. Others are not concerned.
    """
    house = House(clock, requests=(0.5, 3))
    for _ in range(3):
        assert 400 == house.post("/v1/push", {})[0]

    request = b"POST /v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    status, headers, answer = house.ask(request)
    assert (429, "2") == (status, headers["retry-after"])
    assert answer.startswith("ERROR\n")
    assert 400 == house.post("/v1/push", {}, "192.0.2.2")[0]
    clock.advance(2)
    assert 400 == house.post("/v1/push", {})[0]
    assert 429 == house.post("/v1/push", {})[0]


def test_tooManyDevices(clock):
    """
    An address may register so many devices a day; those that are known may register as often as they like.
    """
    house = House(clock, registrations=2)
    for token in "abab":
        house.register(token=token)

    assert 429 == house.post("/v1/register", {"type": "apns", "node": PHONE, "token": "c"})[0]
    assert 2 == len(house.of(ownerOf(HOST, PHONE)))
    clock.advance(43200)
    house.register(token="c")


def test_proxies(clock):
    """
    Behind a reverse proxy it is whom the proxy saw that counts; whom somebody else says is nobody's affair.
    """
    house = House(clock, proxies=["10.0.0.0/8"], requests=(0.1, 1))

    def ask(said, address="10.1.2.3"):
        return house.post("/v1/push", {}, address, X_Forwarded_For=said)[0]

    assert 400 == ask("192.0.2.1")
    assert 429 == ask("192.0.2.1")
    assert 429 == ask("198.51.100.7, 192.0.2.1")
    assert 429 == ask("192.0.2.1, 10.9.9.9")
    assert 400 == ask("192.0.2.2")
    assert 400 == ask("192.0.2.99", "203.0.113.1")
    assert 429 == ask("192.0.2.98", "203.0.113.1")
    assert 400 == ask("192.0.2.3", "::ffff:10.1.2.3")
    # Who is not named counts as the proxy.
    assert [400, 429, 429] == [ask("nobody"), ask("192.0.2.1:4711"), ask("")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_networks(clock, one, other, same):
    """
    An IPv6 address stands for its network; IPv4 in IPv6 is IPv4.
    """
    house = House(clock, requests=(0.1, 1))
    house.post("/v1/push", {}, one)

    assert (429 if same else 400) == house.post("/v1/push", {}, other)[0]
