"""
HTTP/2 as a client speaks it, for many small requests to few origins: `pushsvc.ipushsvc.IHTTP`.

From the wire upwards: ``ownengine`` (framing and compression, behind `engine.IEngine`; ``h2engine`` is another one),
``streams`` (the requests on one connection), ``session`` (its life), ``conduct`` (what to think of it), ``connections``
(all to one origin), ``pool`` (the requests to it), ``client`` (all origins). Nothing is lost, and nothing is sent
twice: what the other side certainly did not process goes elsewhere at once; of what it may have processed the caller is
told.
"""
