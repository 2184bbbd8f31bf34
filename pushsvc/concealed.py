"""
Failures that may be logged: what went wrong and where, without what was being worked on.

The text of an exception that nobody expected may hold a token, a JID or a body: ``KeyError`` repeats the key.
"""

from twisted.python.failure import Failure


class Concealed(Exception):
    """
    An exception whose text is nobody's business.
    """


def concealed(failure: Failure | None = None) -> Failure:
    """
    The same failure, with its traceback and the name of its type, but without its text.

    :param failure: None: the exception that is being handled.
    """
    if failure is None:
        failure = Failure()  # type: ignore[no-untyped-call]
    known = failure.type.__qualname__ if failure.type is not None else "?"
    traceback = failure.getTracebackObject()  # type: ignore[no-untyped-call]
    return Failure(Concealed(known), Concealed, traceback)  # type: ignore[no-untyped-call]
