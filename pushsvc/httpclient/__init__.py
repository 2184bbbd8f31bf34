"""
HTTP as providers need it: ``client`` makes a `pushsvc.ipushsvc.IHTTP` that speaks HTTP/1.1, by treq; ``http2`` one that
speaks HTTP/2, by a session of our own, and asks the other where that is not spoken.
"""
