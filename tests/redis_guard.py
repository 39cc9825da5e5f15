"""What keeps others out of a Redis: certificates of a private authority, and a user with few rights."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

ADMIN = "of-the-admin"  # the password of the tests, and of the servers among themselves
SENTINEL = "của Sentinel &/?"
PASSWORD = "của/bot@:?"  # of the bot's user, which a URL cannot hold as it is


@dataclass(frozen=True)
class Certificate:
    """PEM files: the authority's certificate, which clients are given, and the server's own pair."""

    authority: Path
    server: Path
    key: Path


def issue(folder: Path, *names: str, expired: bool = False) -> Certificate:
    """One from a new authority, for these names and addresses."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    ends = datetime.now(UTC) - timedelta(days=1) if expired else None
    made = authority.issue_cert(*names, not_after=ends)
    files = Certificate(folder / "ca.pem", folder / "redis.pem", folder / "redis.key")
    authority.cert_pem.write_to_path(files.authority)
    made.cert_chain_pems[0].write_to_path(files.server)
    made.private_key_pem.write_to_path(files.key)
    return files


@dataclass(frozen=True)
class Guard:
    """What keeps others out: TLS, and for the bot a user of its own with these rights."""

    certificate: Certificate
    rights: str

    def options(self, port: int) -> dict[str, Any]:
        """For a Sentinel too, which has a password of its own, but no users in our tests."""
        files = {"cert": self.certificate.server, "key": self.certificate.key, "ca-cert": self.certificate.authority}
        tls = {f"tls-{name}-file": path for name, path in files.items()}
        return tls | {"port": 0, "tls-port": port, "tls-auth-clients": "no", "tls-replication": "yes"}

    @property
    def users(self) -> dict[str, Any]:
        bot = f"motcua on >{PASSWORD} {self.rights}"
        return {"requirepass": ADMIN, "masterauth": ADMIN, "user": bot}
