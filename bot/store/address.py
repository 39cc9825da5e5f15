"""REDIS_URL, read: one server, one watched by Sentinels, or a cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from redis.asyncio.connection import ConnectionPool, SSLConnection, parse_url

from bot.errors import WrongAddress

Kind = Literal["single", "sentinel", "cluster"]
_KINDS: dict[str, Kind] = {"": "single", "sentinel": "sentinel", "cluster": "cluster"}
_FOR_SENTINELS = {"sentinel_username": "username", "sentinel_password": "password"}
_PORTS: dict[Kind, int] = {"single": 6379, "sentinel": 26379, "cluster": 6379}

_FORMS = """
  redis://[user:password@]host:6379/0
  redis+sentinel://[user:password@]host1:26379,host2:26379/mymaster[/0][?sentinel_password=…]
  redis+cluster://[user:password@]host1:6379,host2:6379
  unix:///run/redis.sock
TLS: rediss://, rediss+sentinel://, rediss+cluster://. Ký tự lạ trong mật khẩu viết %XX / odd characters of a password: %XX."""


@dataclass(frozen=True, slots=True)
class Address:
    """`nodes` are (host, port); `name` is what the Sentinels call the master; `options` are redis-py's own, such as
    username, password, db, ssl_ca_certs; `asking` are those for the Sentinels alone: their username and password."""

    kind: Kind
    nodes: tuple[tuple[str, int], ...]
    name: str
    options: Mapping[str, Any]
    asking: Mapping[str, str]


def read(url: str) -> Address:
    """Take the URL apart. Raises WrongAddress, whose message never holds the URL: there may be a password in it."""
    scheme = url.partition("://")[0]
    if scheme == "unix":
        return Address("single", (), "", _options(url), {})
    base, _, suffix = scheme.partition("+")
    kind = _KINDS.get(suffix)
    if base not in ("redis", "rediss") or kind is None or "://" not in url:
        raise _wrong("không rõ loại máy chủ ở đầu", "it begins with no known kind of server")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _wrong("không đọc được tên máy", "no host can be read from it") from None
    user, at, hosts = parts.netloc.rpartition("@")
    path = unquote(parts.path).strip("/")
    name, _, db = path.partition("/") if kind == "sentinel" else ("", "", path)
    if kind == "sentinel" and not name:
        raise _wrong(
            "thiếu tên nhóm (mymaster) mà Sentinel đặt", "the name that the Sentinels gave the master is missing"
        )
    if db and not db.isdecimal():
        raise _wrong("số cơ sở dữ liệu không phải là số", "the database is not a number")
    if kind == "cluster" and db.strip("0"):
        raise _wrong("cụm máy chỉ có cơ sở dữ liệu 0", "a cluster has database 0 only")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    of_sentinels = _FOR_SENTINELS if kind == "sentinel" else {}
    asking = {name: query.pop(option) for option, name in of_sentinels.items() if option in query}
    each = [_options(f"{base}://{user}{at}{host}/{db}?{urlencode(query)}") for host in hosts.split(",")]
    if kind == "single" and len(each) > 1:
        raise _wrong("nhiều máy mà không nói là loại nào", "several hosts, but not of which kind")
    if kind != "single" and not all("host" in options for options in each):
        raise _wrong("thiếu tên máy", "a host is missing")
    nodes = tuple((options.pop("host", ""), options.pop("port", _PORTS[kind])) for options in each)
    return Address(kind, nodes, name, each[0], asking)


def _options(url: str) -> dict[str, Any]:
    try:
        options: dict[str, Any] = dict(parse_url(url))
        # connects nothing, but finds options that redis-py does not have
        ConnectionPool.from_url(url).make_connection()  # type: ignore[no-untyped-call]
    except (ValueError, TypeError):
        raise _wrong("cổng hay tùy chọn không đọc được", "a port or an option cannot be read") from None
    if options.pop("connection_class", None) is SSLConnection:
        options["ssl"] = True
    return options


def _wrong(vi: str, en: str) -> WrongAddress:
    return WrongAddress(f"REDIS_URL: {vi} → viết một trong các dạng / {en} → write one of:{_FORMS}")
