"""
What came back, and how long we are asked to wait.
"""

import pytest

from pushsvc.exchange import LONGEST_WAIT, Request, Response

NOW = 1_790_000_000.0  # Mon, 21 Sep 2026 14:13:20 GMT


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 21 Sep 2026 14:13:20 GMT", 0.0),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60.0),
        ("Sun, 20 Sep 2026 14:13:20 GMT", 0.0),
        ("99999999999999999999", LONGEST_WAIT),
        pytest.param("9" * 400, LONGEST_WAIT, id="more digits than a number has"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retryAfterIsSecondsOrADate(said, wait):
    """
    A wish that we wait is understood in seconds and as a date, and never lets us wait for ever.
    """
    response = Response(503, {"retry-after": said})

    assert wait == response.retryAfter(NOW)


def test_noRetryAfter():
    """
    Who does not say how long has not said nought.
    """
    assert Response(503).retryAfter(NOW) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"null", b"\xff\xfe\x00", b"[" * 100_000])
def test_whatIsNoObjectIsAnEmptyOne(body):
    """
    Whatever a broken proxy answers can be looked at like any answer.
    """
    assert {} == Response(200, {}, body).json()


def test_nothingSecretIsShown():
    """
    Neither the URL, nor the headers, nor the bodies of an exchange get into a log by way of its repr.
    """
    request = Request("POST", "https://push.example/token-1", {"Authorization": "Bearer token-2"}, b"token-3")
    response = Response(200, {"x": "token-4"}, b"token-5")

    assert "token" not in repr(request) + repr(response)
