"""
An accepted notification on its way to a push network::

    accept(target, notification)
        content     what the app's rule withholds is left out
        outbox      on disk: the promise is made, the publisher gets its answer
        lanes       as many at once as the lane takes; the rest waits on disk
    send
        provider    hands it to the network
        verdict     delivered: finish.  gone: forget the device.  trouble: postpone, and try again until the ttl ends

Only what is being sent is in memory. Everything else is in the outbox, due at some time, and taken from there.
"""
