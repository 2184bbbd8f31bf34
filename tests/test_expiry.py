"""
Certificates that end.
"""

from pushsvc.expiry import Expiry

DAY = 86400.0


def told(logEvents):
    return [(event["whose"], event.get("days", 0)) for event in logEvents if "whose" in event]


def passing(clock, days):
    for _ in range(int(days * 24)):
        clock.advance(3600)


def test_itIsToldInTime(clock, logEvents):
    """
    That a certificate ends is told a month, two weeks, a week and a day before, once each, and when it has ended.
    """
    end = clock.seconds() + 40 * DAY + 1800
    expiry = Expiry(lambda: {"apps.chat": end}, clock)
    expiry.startService()
    assert [] == told(logEvents)

    days = []
    for day in range(45):
        before = len(told(logEvents))
        passing(clock, 1)
        days += [(day, each[1]) for each in told(logEvents)[before:]]

    assert [(10, 30), (26, 14), (33, 7), (39, 1), (40, 0)] == days
    expiry.stopService()


def test_itIsToldAtTheStart(clock, logEvents):
    """
    A service that starts shortly before the end tells of it at once, and once.
    """
    expiry = Expiry(lambda: {"hosts.a": clock.seconds() + 5 * DAY, "hosts.b": clock.seconds() + 50 * DAY}, clock)

    expiry.startService()

    assert [("hosts.a", 7)] == told(logEvents)
    expiry.stopService()


def test_whatIsRenewedIsNew(clock, logEvents):
    """
    A certificate that was renewed is told of anew, when its time comes.
    """
    ends = {"apps.chat": clock.seconds() + 5 * DAY}
    expiry = Expiry(lambda: ends, clock)
    expiry.startService()
    ends["apps.chat"] = clock.seconds() + 90 * DAY
    passing(clock, 59)
    assert 1 == len(told(logEvents))

    passing(clock, 2)

    assert [("apps.chat", 7), ("apps.chat", 30)] == told(logEvents)
    expiry.stopService()


def test_aBugIsNotTheEnd(clock, logEvents, loggedFailures):
    """
    Whatever goes wrong in one look, the next one comes.
    """
    answers = [ZeroDivisionError(), {"apps.chat": clock.seconds() + DAY / 2}]

    def ends():
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    expiry = Expiry(ends, clock)
    expiry.startService()
    loggedFailures.clear()
    clock.advance(3600)

    assert [("apps.chat", 1)] == told(logEvents)
    expiry.stopService()
