"""What a Redis user must be allowed to do for us, no more. The same list stands in docs/van-hanh.md."""

from collections.abc import Sequence
from typing import Final

KEYS: Final = "motcua:*"
CHANNELS: Final = "motcua:{web:*}:events"  # a user may subscribe to a pattern only where it is allowed letter by letter

# all that store/ sends, alone or within a script; cluster|slots and command: redis-py in a cluster; select: a database but 0
COMMANDS: Final = (
    *(
        "cluster|slots",
        "command",
        "del",
        "eval",
        "evalsha",
        "exists",
        "expire",
        "get",
        "getdel",
        "hgetall",
        "hincrbyfloat",
    ),
    *("incr", "info", "lindex", "llen", "lpop", "lpush", "lrange", "lset", "ltrim", "pexpire", "ping", "psubscribe"),
    *(
        "publish",
        "rpush",
        "script|load",
        "select",
        "set",
        "time",
        "xack",
        "xadd",
        "xautoclaim",
        "xdel",
        "xgroup|create",
    ),
    *("xlen", "xrange", "xreadgroup", "zadd", "zcard", "zrange", "zrangebyscore", "zrem", "zremrangebyscore"),
)

# KEYS any of ours; ARGV channel, command … Answers those that this user may not use. Servers before 7.0 cannot tell.
MISSING = """
local missing = {}
for i = 2, redis.acl_check_cmd and #ARGV or 0 do
  local words = {}
  for word in string.gmatch(ARGV[i], '[^|]+') do words[#words + 1] = word end
  local channel = ARGV[i] == 'publish' or ARGV[i] == 'psubscribe'
  if ARGV[i] ~= 'command' then words[#words + 1] = channel and ARGV[1] or KEYS[1] end
  if not redis.acl_check_cmd(unpack(words)) then missing[#missing + 1] = ARGV[i] end
end
return missing
"""


def rules(commands: Sequence[str] = COMMANDS) -> str:
    """As ACL SETUSER takes them."""
    return " ".join((f"~{KEYS}", f"&{CHANNELS}", *(f"+{command}" for command in commands)))
