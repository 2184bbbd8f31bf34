"""
Tokens as clients give them.
"""

from pushsvc.errors import BadForm
from pushsvc.fields import Fields

# Networks say that theirs may grow; the longest known are under 300.
LONGEST = 4096


def readToken(fields: Fields, name: str) -> str | None:
    """
    A field that names a device to its network; None: there is none.

    :raises BadForm: it is doubled, or cannot be a token.
    """
    token = fields.one(name)
    if token is None:
        return None
    token = token.strip()
    if not token or len(token) > LONGEST or not token.isprintable():
        raise BadForm(f"{name} cannot be one")
    return token
