"""
Certificates for one run of the demo: from an authority that is thrown away, or from nobody.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from pushsvc.links.s2s.keypairs import Files


class Authority:
    """
    Vouches for domains.

    :ivar root: the file that who is to believe it needs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("an authority to be thrown away")
        self.root = folder / "root.pem"
        certificate = _builder(self._name, self._name, self._key, isAuthority=True).sign(self._key, SHA256())
        self.root.write_bytes(certificate.public_bytes(Encoding.PEM))

    def issue(self, domain: str) -> Files:
        """
        A certificate of a domain.
        """
        return _written(self._folder, domain, self._name, self._key)


def selfSigned(folder: Path, domain: str) -> Files:
    """
    A certificate that nobody vouches for.
    """
    return _written(folder, domain, None, None)


def _written(folder: Path, domain: str, issuer: x509.Name | None, signer: ec.EllipticCurvePrivateKey | None) -> Files:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(domain)
    builder = _builder(name, issuer or name, key, isAuthority=False)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
    certificate = builder.sign(signer or key, SHA256())
    files = Files(folder / f"{domain}.pem", folder / f"{domain}.key")
    files.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, isAuthority: bool
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=isAuthority, path_length=None), critical=True)
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
