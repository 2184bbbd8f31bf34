"""
What the publisher is held to, number by number: the test that does so, or why there is none.

Numbers are those of the survey of peers: mod_push (MP), Prosody (PR), ejabberd (EJ), Tigase (TG), MongooseIM (MIM).
"""

import re
from collections.abc import Mapping, Sequence

from docs.generators import markdown
from docs.generators.markdown import code
from docs.generators.requirements import statements

RANGES = {"MP": (35, 66), "PR": (1, 35), "EJ": (1, 9), "TG": (1, 4), "MIM": (12, 46)}

# Those that live inside a server: what somebody outside can do of them, and why not the rest.
INSIDE: Mapping[str, str] = {
    "MP-54": (
        "Which sessions wait to be resumed the server knows, and reports: `hibernated`, `queued`. What is "
        "told then is tested."
    ),
    "MP-55": (
        "Its time-out is the server's, and nothing of XMPP changes it from outside: the modules in `contrib/` do; "
        "without them set `smacks_hibernation_time`, or ejabberd's `resume_timeout`, as long as phones sleep."
    ),
    "MP-56": "`resumed` clears the counters. What was stored for the session the server stored, and drops.",
    "MP-65": (
        "What waits is kept by the server, in its archive and its store of offline messages, and handed out "
        "by it. We keep no stanzas: only how many there were."
    ),
    "MP-66": (
        "What is stored is not ours, so that there is nothing to bounce. A clean stop tells what was being "
        "collected."
    ),
    "PR-24": (
        "The time-out of a hibernating session is the server's. Prosody lets modules of its own change it, "
        "and nobody else: the one in `contrib/` does."
    ),
    "PR-25": "The module in `contrib/` restores time-outs when it is unloaded.",
    "EJ-8": (
        "`wake-on-start` tells everybody once more, when links are up (MP-64). Shortly before a session ends nobody "
        "but ejabberd knows, and whoever ends is told by `ended`."
    ),
}

# Those that we do otherwise, or not at all.
OTHERWISE: Mapping[str, str] = {
    "MP-39": "Without a node it is enabled, and published to without one, as XEP-0357 has it (PR-2).",
    "MP-51": (
        "That a session goes is no wish to be told nothing: XEP-0357 has services enabled until they are "
        "disabled."
    ),
    "PR-5": (
        "There is no event to veto: whoever builds a server decides before he calls `IPublisher.enable`; "
        "behind Prosody and ejabberd, delegation is the server's to grant."
    ),
    "PR-33": (
        "Rooms do not enable. What a room sends to an account is told to it (`groupchat`), and the policy "
        "`filters` looks for mentions."
    ),
    "PR-34": "`urn:xmpp:push2:0` is a draft that one module knows.",
    "PR-35": (
        "A distributor of UnifiedPush is another service. Its endpoints take Web Push, which is a network of "
        "ours."
    ),
    "MIM-15": (
        "The JID of a service is kept as the client wrote it, prepared: answers come from exactly that JID, "
        "and withdrawals are believed of no other."
    ),
    "MIM-20": (
        "Of a removed user nothing stays. Of a removed domain nobody says anything: what its accounts had "
        "enabled is told nothing once `domains` does not name it, and ends with `expires`."
    ),
    "MIM-22": (
        "There are no pools of workers here: publishes wait for their turn on the lane of their service."
    ),
}

_NUMBER = re.compile(r"(MP|PR|EJ|TG|MIM)-(\d+)")
_RANGE = re.compile(r"(MP|PR|EJ|TG|MIM)-(\d+) to \1-(\d+)")


def numbers() -> Sequence[str]:
    """
    All of them, in their order.
    """
    return [f"{peer}-{number}" for peer, (first, last) in RANGES.items() for number in range(first, last + 1)]


def tested() -> Mapping[str, Sequence[tuple[str, str]]]:
    """
    What tests state of each number, and where.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for said, states, file in statements():
        named = {f"{peer}-{number}" for peer, number in _NUMBER.findall(said)}
        for peer, first, last in _RANGE.findall(said):
            named |= {f"{peer}-{number}" for number in range(int(first), int(last) + 1)}
        for number in named:
            found.setdefault(number, []).append((states, file))
    return found


def text() -> str:
    """
    A row for each number.
    """
    known = tested()
    rows = []
    for number in numbers():
        remark = INSIDE.get(number) or OTHERWISE.get(number) or ""
        states = [states for states, _ in known.get(number, ())][:2]
        files = list(dict.fromkeys(file for _, file in known.get(number, ())))
        rows.append((number, " ".join([*states, remark]), ", ".join(map(code, files))))
    return markdown.table(("number", "what holds", "tested in"), rows)
