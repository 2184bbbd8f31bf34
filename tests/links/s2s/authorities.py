"""
Who vouches for whom, and what one shows.
"""

from typing import Any

from cryptography import x509
from OpenSSL import SSL

from pushsvc.links.s2s.tls import Certificates, Files
from tests.standins.certificates import CA, Certificate

TLS12 = (SSL.TLS1_2_VERSION, SSL.TLS1_2_VERSION)
TLS13 = (SSL.TLS1_3_VERSION, SSL.TLS1_3_VERSION)


def lower(ca: CA, *uses: Any, constraint: str = "") -> CA:
    """
    An authority that is for some uses, or names, only.
    """
    extensions: list[Any] = [x509.ExtendedKeyUsage(uses)] if uses else []
    if constraint:
        extensions.append(x509.NameConstraints([x509.DNSName(constraint)], None))
    return ca.below(f"below {x509.random_serial_number():x}", extensions, critical=bool(constraint))


def files(certificate: Certificate) -> Files:
    return Files(certificate.certificate, certificate.key)


def only(certificate: Certificate, ca: CA) -> Certificates:
    return Certificates({}, files(certificate), ca.certificate)
