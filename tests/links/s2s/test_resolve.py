"""
Where a domain's server is.
"""

import pytest
import pytest_twisted

from pushsvc.links.s2s.resolve import ADDRESSES_MAX, Candidate, LookupTrouble, NoSuchDomain
from tests.links.s2s.nameserver import NOWHERE, SRV, SRVS


@pytest_twisted.ensureDeferred
async def test_6120_5_serversAreTriedByPriority(dns, resolver):
    """
    SRV records are sorted by priority; each host comes with all its addresses.
    """
    dns.zone = {
        SRV + "a.example": {"SRV": [[20, 0, 5270, "two.example"], [10, 0, 5269, "one.example"]]},
        "one.example": {"A": ["127.0.0.1", "127.0.0.2"], "AAAA": ["::1"]},
        "two.example": {"A": ["127.0.0.3"]},
    }

    assert [
        Candidate("one.example", 5269, False, ("::1", "127.0.0.1", "127.0.0.2")),
        Candidate("two.example", 5270, False, ("127.0.0.3",)),
    ] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_0368_1_bothKindsAreMerged(dns, resolver):
    """
    Direct TLS and STARTTLS are tried in the order of their priorities, whichever kind they are.
    """
    dns.zone = {
        SRVS + "a.example": {"SRV": [[5, 0, 5270, "one.example"], [30, 0, 443, "one.example"]]},
        SRV + "a.example": {"SRV": [[20, 0, 5269, "one.example"]]},
        "one.example": {"A": ["127.0.0.1"]},
    }

    found = await resolver.candidates("a.example")

    assert [(5270, True), (5269, False), (443, True)] == [(each.port, each.direct) for each in found]
    # One host is looked up once.
    assert [("one.example", "A", False)] == [each for each in dns.asked if each[:2] == ("one.example", "A")]


@pytest.mark.parametrize("direct", [False, True])
@pytest_twisted.ensureDeferred
async def test_6120_5_withoutAServiceThereIsNoGuessing(dns, resolver, direct):
    """
    "." as the target says that there is no such service, for good: the domain's own address is not tried.
    """
    dns.zone = {SRV + "a.example": {"SRV": [[0, 0, 0, NOWHERE]]}, "a.example": {"A": ["127.0.0.1"]}}
    if direct:
        dns.zone[SRVS + "a.example"] = {"SRV": [[0, 0, 0, NOWHERE]]}

    with pytest.raises(NoSuchDomain):
        await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_0368_1_noDirectTLSIsNotNoService(dns, resolver):
    """
    "." for direct TLS closes that way only.
    """
    dns.zone = {
        SRVS + "a.example": {"SRV": [[0, 0, 0, NOWHERE]]},
        SRV + "a.example": {"SRV": [[0, 0, 5269, "one.example"]]},
        "one.example": {"A": ["127.0.0.1"]},
    }

    assert [Candidate("one.example", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_0368_1_directTLSMayBeAllThereIs(dns, resolver):
    """
    "." for STARTTLS leaves direct TLS.
    """
    dns.zone = {
        SRVS + "a.example": {"SRV": [[0, 0, 5270, "one.example"]]},
        SRV + "a.example": {"SRV": [[0, 0, 0, NOWHERE]]},
        "one.example": {"A": ["127.0.0.1"]},
    }

    assert [Candidate("one.example", 5270, True, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_0368_1_noDirectTLSAloneIsAnAnswer(dns, resolver):
    """
    Where the only SRV record says that there is no direct TLS, the domain's own address is not tried either.
    """
    dns.zone = {SRVS + "a.example": {"SRV": [[0, 0, 0, NOWHERE]]}, "a.example": {"A": ["127.0.0.1"]}}

    with pytest.raises(NoSuchDomain):
        await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_6120_5_withoutRecordsTheDomainItselfIsTried(dns, resolver):
    """
    Without SRV records the domain's own addresses are tried, on port 5269.
    """
    dns.zone = {"a.example": {"A": ["127.0.0.1"], "AAAA": ["::1"]}}

    assert [Candidate("a.example", 5269, False, ("::1", "127.0.0.1"))] == await resolver.candidates("a.example")


@pytest.mark.parametrize("zone", [{}, {"a.example": {"TXT": ["mail only"]}}])
@pytest_twisted.ensureDeferred
async def test_aDomainThatIsNotThereIsNotThere(dns, resolver, zone):
    """
    No such name, or a name without anything of use: that is final.
    """
    dns.zone = zone

    with pytest.raises(NoSuchDomain):
        await resolver.candidates("a.example")


@pytest.mark.parametrize("domain", ["", "a..b", "x" * 64 + ".example", "y" * 300, "\ue000.example"])
@pytest_twisted.ensureDeferred
async def test_whatNoNameCanBeIsNotAskedFor(dns, resolver, domain):
    """
    What cannot be a name does not exist; nobody is asked.
    """
    with pytest.raises(NoSuchDomain):
        await resolver.candidates(domain)

    assert [] == dns.asked


@pytest.mark.parametrize("code", [1, 2, 4, 5])
@pytest_twisted.ensureDeferred
async def test_aFailureIsTemporary(dns, resolver, code):
    """
    SERVFAIL, REFUSED and their like say nothing about the domain.
    """
    dns.zone = {name: {"rcode": code} for name in (SRV + "a.example", SRVS + "a.example", "a.example")}

    with pytest.raises(LookupTrouble):
        await resolver.candidates("a.example")

    # Who has said no is not asked again.
    assert 1 == dns.asked.count((SRV + "a.example", "SRV", False))


@pytest.mark.parametrize("fault", [{"rcode": 2}, {"silent": ["A", "AAAA"]}])
@pytest_twisted.ensureDeferred
async def test_anAddressThatCannotBeLookedUpIsTemporary(dns, hasty, fault):
    """
    Trouble with the addresses of the only host is trouble; so is its having none: the domain says that there is one.
    """
    dns.zone = {SRV + "a.example": {"SRV": [[0, 0, 5269, "one.example"]]}, "one.example": fault}
    with pytest.raises(LookupTrouble):
        await hasty.candidates("a.example")

    dns.zone["one.example"] = {}
    with pytest.raises(LookupTrouble):
        await hasty.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_hostsWithoutAddressAreLeftOut(dns, resolver):
    """
    A host that does not exist, or cannot be looked up, leaves the others.
    """
    dns.zone = {
        SRV + "a.example": {
            "SRV": [[0, 0, 1, "gone.example"], [1, 0, 2, "trouble.example"], [2, 0, 3, "good.example"]],
        },
        "trouble.example": {"rcode": 2},
        "good.example": {"A": ["127.0.0.1"]},
    }

    assert [Candidate("good.example", 3, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_troubleWithDirectTLSDoesNotCutOff(dns, resolver):
    """
    Name servers that choke on the newer kind of records do not make their domains unreachable.
    """
    dns.zone = {SRVS + "a.example": {"rcode": 2}, "a.example": {"A": ["127.0.0.1"]}}

    assert [Candidate("a.example", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_troubleWithTheOlderKindIsTrouble(dns, resolver):
    """
    When it is not known whether there are SRV records, nothing is guessed.
    """
    dns.zone = {SRV + "a.example": {"rcode": 2}, "a.example": {"A": ["127.0.0.1"]}}

    with pytest.raises(LookupTrouble):
        await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_addressesAreBounded(dns, resolver):
    """
    So is the number of addresses; those that are nowhere do not count, nor do repetitions.
    """
    dns.zone = {
        "a.example": {"A": ["0.0.0.0", "224.0.0.1", *["127.0.0.9"] * 3, *(f"127.0.0.{n}" for n in range(10, 20))]}
    }

    [found] = await resolver.candidates("a.example")

    assert ("127.0.0.9", "127.0.0.10", "127.0.0.11", "127.0.0.12") == found.addresses
    assert ADDRESSES_MAX == len(found.addresses)


@pytest.mark.parametrize("follow", [False, True])
@pytest_twisted.ensureDeferred
async def test_aliasesAreFollowed(dns, resolver, follow):
    """
    CNAMEs lead to addresses, whether the name server follows them itself or not.
    """
    dns.zone = {
        "a.example": {"CNAME": "b.example", "follow": follow},
        "b.example": {"A": ["127.0.0.1"]},
    }

    assert [Candidate("a.example", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_aliasesOfServicesAreFollowed(dns, resolver):
    """
    SRV records may stand behind a CNAME.
    """
    dns.zone = {
        SRV + "a.example": {"CNAME": SRV + "hoster.example"},
        SRV + "hoster.example": {"SRV": [[0, 0, 5269, "127.0.0.1"]]},
    }

    assert [Candidate("127.0.0.1", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest.mark.parametrize("target", ["b.example", "a.example"])
@pytest_twisted.ensureDeferred
async def test_aliasesInACircleEnd(dns, resolver, target):
    """
    Aliases that lead nowhere, or back, are not followed for ever.
    """
    dns.zone = {"a.example": {"CNAME": target}, "b.example": {"CNAME": "a.example"}}

    with pytest.raises((LookupTrouble, NoSuchDomain)):
        await resolver.candidates("a.example")

    assert len(dns.asked) < 40


@pytest_twisted.ensureDeferred
async def test_ipv6MayBeAllThereIs(dns, resolver):
    """
    A host with an IPv6 address only is reached by that.
    """
    dns.zone = {SRV + "a.example": {"SRV": [[0, 0, 5269, "six.example"]]}, "six.example": {"AAAA": ["2001:db8::1"]}}

    assert [Candidate("six.example", 5269, False, ("2001:db8::1",))] == await resolver.candidates("a.example")


@pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
@pytest_twisted.ensureDeferred
async def test_addressesAsTargetsAreTolerated(dns, resolver, target):
    """
    An SRV record that names an address instead of a host is understood.
    """
    dns.zone = {SRV + "a.example": {"SRV": [[0, 0, 15269, target]]}}

    assert [Candidate(target, 15269, False, (target,))] == await resolver.candidates("a.example")


@pytest.mark.parametrize(("domain", "address"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")])
@pytest_twisted.ensureDeferred
async def test_6120_5_anAddressAsDomainNeedsNoLookup(dns, resolver, domain, address):
    """
    Who is called by an address is found there.
    """
    assert [Candidate(address, 5269, False, (address,))] == await resolver.candidates(domain)
    assert [] == dns.asked


@pytest.mark.parametrize("domain", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"])
@pytest_twisted.ensureDeferred
async def test_internationalDomainsAreAskedForInALabels(dns, resolver, domain):
    """
    DNS knows international domains by their A-labels.
    """
    dns.zone = {SRV + "xn--bcher-kva.example": {"SRV": [[0, 0, 5269, "127.0.0.1"]]}}

    assert [Candidate("127.0.0.1", 5269, False, ("127.0.0.1",))] == await resolver.candidates(domain)
