"""
One TOML file to frozen values. An unknown key is an error that names its path and the likely key.

What keys apps and links have depends on their kind, so these tables stay raw here: whoever loads the kind calls
`build` with its ``Options``.
"""

from pushsvc.config.basics import ConfigurationError, Table, kebab, options
from pushsvc.config.building import build, secret
from pushsvc.config.hosts import Contact, Host, URIs
from pushsvc.config.kinds import AppOptions, FeedOptions, LinkOptions
from pushsvc.config.operating import Limits, Registration, Storage, Web
from pushsvc.config.publisher import Publisher
from pushsvc.config.whole import Configuration, read, readFile

__all__ = [
    "AppOptions",
    "Configuration",
    "ConfigurationError",
    "Contact",
    "FeedOptions",
    "Host",
    "Limits",
    "LinkOptions",
    "Publisher",
    "Registration",
    "Storage",
    "Table",
    "URIs",
    "Web",
    "build",
    "kebab",
    "options",
    "read",
    "readFile",
    "secret",
]
