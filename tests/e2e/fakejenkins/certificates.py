"""A certificate authority made for one test, and a server certificate of it for 127.0.0.1."""

import dataclasses
import pathlib
import subprocess


@dataclasses.dataclass
class Tls:
    authority: str  # PEM, for a client that is to trust it
    certificate: str
    key: str


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True, timeout=60)


def make(folder, name="127.0.0.1"):
    """In `folder`; `name` is an IP address that the certificate is for."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    authority, authority_key, key, request, certificate, extension = (
        str(folder / file) for file in ("ca.pem", "ca.key", "server.key", "server.csr", "server.pem", "server.ext"))
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", authority_key, "-out", authority, "-days", "2", "-subj", "/CN=test CA",
            "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *curve, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
    pathlib.Path(extension).write_text(f"subjectAltName=IP:{name}\n")
    openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial",
            "-out", certificate, "-days", "2", "-extfile", extension)
    return Tls(authority, certificate, key)
