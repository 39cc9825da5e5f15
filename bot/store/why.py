"""Why Redis cannot be used and what to do about it, in words for people. The server's own words alone help nobody."""

import re
from collections.abc import Iterator
from typing import Final

_RIGHTS: Final = "docs/van-hanh.md"
_AT = re.compile(r"(?:connecting to|reading from) ([^ ]+:\d+)")

# (what the error or one of its causes holds; in Vietnamese; in English): the first that fits. Seen with redis-py 8.1 and
# server 7.0; a Sentinel's troubles reach us only as text.
_CAUSES: Final = (
    (
        "certificate has expired",
        "chứng chỉ của Redis đã hết hạn → cấp chứng chỉ mới cho Redis, xem cả đồng hồ máy này",
        "the server's certificate has expired → give Redis a new one, and look at this machine's clock",
    ),
    (
        "certificate is not valid for",
        "chứng chỉ của Redis không mang tên hay địa chỉ đang dùng để nối → cấp chứng chỉ có tên ấy",
        "the server's certificate does not bear the name or address that is used → issue one that does",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "chứng chỉ của Redis do nơi lạ cấp → thêm ?ssl_ca_certs=/đường/dẫn.pem của đúng nơi đã cấp",
        "the server's certificate is from an unknown authority → add ?ssl_ca_certs=/path.pem of the one that issued it",
    ),
    (
        "FileNotFoundError",
        "không có tệp mà REDIS_URL nói đến → sửa đường dẫn (ssl_ca_certs=…, unix://…)",
        "a file that REDIS_URL names is not there → mend its path",
    ),
    (
        ("NoPermissionError", "permissions to access", "can't run this command"),
        f"người dùng Redis thiếu quyền → motcua doctor kể quyền thiếu; mọi quyền cần có ở {_RIGHTS}, mục 3",
        f"the Redis user lacks a right → motcua doctor names it; all that it needs stand in {_RIGHTS}, section 3",
    ),
    (
        "PermissionError",
        "không được đọc tệp mà REDIS_URL nói đến → cho người dùng chạy trợ lý đọc tệp ấy",
        "a file that REDIS_URL names may not be read → let the bot's user read it",
    ),
    (
        ("[X509", "[PEM", "[ASN1"),
        "tệp chứng chỉ trong REDIS_URL không đọc được → phải là PEM, khóa phải đi đôi với chứng chỉ",
        "a certificate file of REDIS_URL cannot be read → it must be PEM, a key must belong to its certificate",
    ),
    (
        ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"),
        "cổng này không dùng TLS → viết redis:// thay cho rediss://, hay ghi cổng TLS",
        "this port does not speak TLS → write redis:// instead of rediss://, or its TLS port",
    ),
    (
        "CERTIFICATE_REQUIRED",
        "Redis đòi chứng chỉ của trợ lý → thêm ?ssl_certfile=…&ssl_keyfile=…, hay đặt tls-auth-clients no",
        "Redis wants a certificate of ours → add ?ssl_certfile=…&ssl_keyfile=…, or set tls-auth-clients no",
    ),
    (
        "SentinelDenied",
        "Sentinel đòi mật khẩu khác → ghi mật khẩu của Sentinel vào ?sentinel_password=… ở cuối REDIS_URL",
        "the Sentinel wants another password → write it as ?sentinel_password=… at the end of REDIS_URL",
    ),
    (
        "AuthenticationError",
        "sai tên hay mật khẩu → sửa tên:mật-khẩu@ trong REDIS_URL; ký tự lạ viết dạng %XX",
        "wrong user or password → mend user:password@ in REDIS_URL; odd characters as %XX",
    ),
    (
        "OutOfMemoryError",
        "Redis đầy bộ nhớ → nâng maxmemory (giữ maxmemory-policy noeviction), hay thêm bộ nhớ cho máy",
        "Redis is full → raise maxmemory (and keep maxmemory-policy noeviction), or add memory",
    ),
    (
        "MISCONF",
        "Redis không ghi được ra ổ đĩa → xem ổ đĩa còn trống không (df -h) và nhật ký của Redis",
        "Redis cannot write to its disk → see whether it is full (df -h), and Redis's log",
    ),
    (
        ("ReadOnlyError", "MasterDownError"),
        "đây là máy phụ, chỉ đọc → ghi máy chính vào REDIS_URL, hay dùng redis+sentinel://, redis+cluster://",
        "this is a replica → name the master in REDIS_URL, or use redis+sentinel://, redis+cluster://",
    ),
    (
        "NOREPLICAS",
        "máy chính không còn đủ máy phụ theo kịp (min-replicas-to-write) → bật lại máy phụ",
        "the master has too few replicas (min-replicas-to-write) → start them again",
    ),
    (
        "cluster support disabled",
        "máy này không thuộc cụm nào → viết redis:// thay cho redis+cluster://",
        "this server is in no cluster → write redis:// instead of redis+cluster://",
    ),
    (
        "command 'SENTINEL'",
        "cổng này không phải của Sentinel → ghi cổng của Sentinel (thường là 26379), hay viết redis://",
        "this port is no Sentinel's → name the Sentinel's port (often 26379), or write redis://",
    ),
    (
        "MovedError",
        "máy này thuộc một cụm → viết redis+cluster://",
        "this server is in a cluster → write redis+cluster://",
    ),
    (
        ("ClusterDownError", "SlotNotCoveredError", "slots are not covered"),
        "cụm đang thiếu máy → chờ máy phụ lên thay, hay bật lại máy đã chết",
        "the cluster lacks a node → wait until a replica takes over, or start the dead node again",
    ),
    (
        "TTL exhausted",
        "dữ liệu đang chuyển sang máy khác của cụm → chờ; mãi không xong thì redis-cli --cluster fix",
        "data is moving to another node of the cluster → wait; if it never ends: redis-cli --cluster fix",
    ),
    ("BusyLoadingError", "Redis đang nạp dữ liệu → chờ", "Redis is loading its data → wait"),
    (
        "max number of clients",
        "Redis đã đủ kết nối → nâng maxclients",
        "Redis has no connection left → raise maxclients",
    ),
    (
        ("Connection reset", "closed by server", "Connection lost"),
        "Redis đóng kết nối → nó vừa tắt thì bật lại; cổng ấy dùng TLS thì viết rediss://; "
        "nó đòi chứng chỉ của trợ lý thì thêm ?ssl_certfile=…&ssl_keyfile=…",
        "Redis closed the line → start it if it has stopped; write rediss:// if the port speaks TLS; "
        "add ?ssl_certfile=…&ssl_keyfile=… if it wants a certificate of ours",
    ),
    (
        ("ConnectionRefusedError", "Connection refused"),
        "không ai nghe ở cổng ấy → bật Redis, xem lại máy và cổng trong REDIS_URL",
        "nobody listens there → start Redis, look at host and port in REDIS_URL",
    ),
    (
        "gaierror",
        "không tìm ra máy có tên ấy → xem lại tên máy trong REDIS_URL",
        "there is no such host → look at its name in REDIS_URL",
    ),
    (
        "MasterNotFoundError",
        "Sentinel chưa chỉ ra máy chính → đang đổi máy thì chờ; không thì xem TÊN-NHÓM và các Sentinel",
        "the Sentinels name no master → wait during a failover, else look at the name and at the Sentinels",
    ),
    (
        "TimeoutError",
        "Redis không trả lời kịp → xem máy ấy, tường lửa; cổng không dùng TLS thì viết redis:// thay cho rediss://",
        "Redis does not answer in time → look at it and at firewalls; write redis:// for rediss:// if the port speaks no TLS",
    ),
    (
        "InvalidResponse",
        "ở cổng ấy không phải là Redis → xem lại máy và cổng trong REDIS_URL",
        "what answers there is no Redis → look at host and port in REDIS_URL",
    ),
)


def why(error: BaseException) -> str:
    """Where, what is wrong → what to do, in both languages; the error's own text where we have no better one."""
    told = "\n".join(_told(error))
    at = _AT.search(told)
    for signs, vi, en in _CAUSES:
        if any(sign in told for sign in ((signs,) if isinstance(signs, str) else signs)):
            return f"{at[1]}: {vi} / {en}" if at else f"{vi} / {en}"
    return str(error)


def _told(error: BaseException | None) -> Iterator[str]:
    """The error and its causes, among which those that redis-py hides behind its own."""
    while error is not None:
        yield f"{type(error).__name__}: {error}"
        error = error.__cause__ or error.__context__
