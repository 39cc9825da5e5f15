"""What a Redis user must be allowed to do for us, no more. The same line stands in docs/van-hanh.md."""

from collections.abc import Sequence
from typing import Final

CHANNELS: Final = "motcua:{web:*}:events"  # a user may subscribe to a pattern only where it is allowed letter by letter
_REACH: Final = f"~motcua:* &{CHANNELS}"

# all that store/ sends, alone or within a script; cluster|slots and command: redis-py in a cluster; select: a database but 0
COMMANDS: Final = (
    "+cluster|slots +command +del +eval +evalsha +exists +expire +get +getdel +hgetall +hincrbyfloat +incr +info +lindex "
    "+llen +lpop +lpush +lrange +lset +ltrim +pexpire +ping +psubscribe +publish +rpush +script|load +select +set +time "
    "+xack +xadd +xautoclaim +xdel +xgroup|create +xlen +xrange +xreadgroup +zadd +zcard +zrange +zrangebyscore +zrem "
    "+zremrangebyscore"
)
RULES: Final = f"{_REACH} {COMMANDS}"  # as ACL SETUSER takes them

# KEYS any of ours; ARGV channel, commands as above. Answers those that this user may not use. Servers before 7.0 cannot tell.
MISSING = """
local missing = {}
for command in string.gmatch(redis.acl_check_cmd and ARGV[2] or '', '+(%S+)') do
  local words = {}
  for word in string.gmatch(command, '[^|]+') do words[#words + 1] = word end
  local about = (command == 'publish' or command == 'psubscribe') and ARGV[1] or KEYS[1]
  if command ~= 'command' then words[#words + 1] = about end
  if not redis.acl_check_cmd(unpack(words)) then missing[#missing + 1] = command end
end
return missing
"""


def lacking(missing: Sequence[str]) -> str:
    """What MISSING found and the rules that mend it, in words for people: it may be the channel that is not allowed."""
    cure = " ".join((_REACH, *(f"+{command}" for command in missing)))
    what = f"người dùng Redis thiếu quyền / the Redis user lacks rights: {', '.join(missing)}"
    return f"{what} → ACL SETUSER TÊN/NAME {cure}"
