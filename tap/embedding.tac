# pushsvc inside another Twisted application: twistd -ny tap/embedding.tac
#
# The configuration is text here; whatever else the application does joins the same service collection.

from twisted.application.service import Application
from twisted.internet import reactor

from pushsvc.config import read
from pushsvc.tap import compose

CONFIGURATION = """
[storage]
url = "memory:"

[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "push.localhost"
secret = "demo"

[hosts."push.localhost"]

[apps.demo]
provider = "demo"
"""

application = Application("embedding")
composition = compose(read(CONFIGURATION), reactor)
composition.service.setServiceParent(application)

# The parts have names, and values that can be used:
delivery = composition.service.getServiceNamed("delivery")
demo = composition.apps["demo"].provider
