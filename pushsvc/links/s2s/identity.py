"""
Whether a certificate is a domain's: DNS-ID and SRV-ID (RFC 6125), XmppAddr (RFC 6120, 13.7.1.4).

Who signed it is another matter: see `pushsvc.links.s2s.tls.verdict`.
"""

from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat import asn1
from service_identity import CertificateError, VerificationError
from service_identity.hazmat import (
    DNS_ID,
    SRV_ID,
    CertificatePattern,
    DNSPattern,
    ServiceID,
    SRVPattern,
    verify_service_identity,
)

from pushsvc.links.s2s.domains import asciiOf

_XMPP_ADDR = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.5")
_DNS_SRV = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.7")

# Certificates with more names are made to keep others busy.
NAMES_MAX = 1000


def matches(certificate: x509.Certificate, domain: str, onlyDNS: bool = False) -> bool:
    """
    Whether one of its names is the domain, in whichever spelling. Of what cannot be understood, nothing is believed.

    :param onlyDNS: other names than DNS-IDs do not count; see `pushsvc.links.s2s.handshakes.Verdict`.
    """
    try:
        name = asciiOf(domain)
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # peers make certificates as they like, and cryptography has many words for what is wrong
        return False
    if len(alternatives) > NAMES_MAX:
        return False
    patterns = [each for each in _patterns(alternatives) if isinstance(each, DNSPattern) or not onlyDNS]
    return _isNamed(patterns, name) or (not onlyDNS and name in _addresses(alternatives))


def _isNamed(patterns: list[CertificatePattern], name: str) -> bool:
    try:
        wanted: list[ServiceID] = [DNS_ID(name), SRV_ID("_xmpp-server." + name)]
    except ValueError:  # an address, say
        return False
    for identity in wanted:
        try:
            verify_service_identity(patterns, [identity], [])
        except (VerificationError, CertificateError):
            continue
        return True
    return False


def _patterns(alternatives: x509.SubjectAlternativeName) -> Iterator[CertificatePattern]:
    """
    One by one: a name that service-identity does not like must not spoil those beside it.
    """
    for name in alternatives:
        try:
            if isinstance(name, x509.DNSName):
                yield DNSPattern.from_bytes(name.value.encode("ascii"))
            elif isinstance(name, x509.OtherName) and name.type_id == _DNS_SRV:
                yield SRVPattern.from_bytes(asn1.decode_der(asn1.IA5String, name.value).as_str().encode("ascii"))
        except (CertificateError, ValueError, IndexError):  # the last is what an empty SRV-ID comes to
            continue


def _addresses(alternatives: x509.SubjectAlternativeName) -> Iterator[str]:
    for name in alternatives:
        if isinstance(name, x509.OtherName) and name.type_id == _XMPP_ADDR:
            try:
                yield asciiOf(asn1.decode_der(str, name.value))
            except ValueError:
                continue
