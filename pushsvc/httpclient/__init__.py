"""
HTTP as providers need it: `pushsvc.ipushsvc.IHTTP`, with treq behind it.
"""
