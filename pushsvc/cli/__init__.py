"""
The ``pushsvc`` command: what an operator or a curious person types. ``twistd pushsvc`` starts the service itself.
"""

import click
from twisted.internet.defer import ensureDeferred
from twisted.internet.task import react

from pushsvc import __version__
from pushsvc.cli.check import check
from pushsvc.cli.enablements import enablements
from pushsvc.cli.registrations import registrations


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="pushsvc %(version)s")
def main() -> None:
    """
    A push service for XMPP. It is started by `twistd pushsvc --config FILE`.
    """


main.add_command(check)
main.add_command(registrations)
main.add_command(enablements)


@main.command()
def demo() -> None:
    """
    Show the whole path on this machine, without any other server.
    """
    from pushsvc.demo.tour import tour

    react(lambda reactor: ensureDeferred(tour(reactor)))
