"""What must happen in one step of Redis. Each script's keys are all of one conversation, or one key that stands alone."""

# KEYS seen mail out hold tries; ARGV message, seconds to remember the id, seconds to keep the mail, most messages that may
# wait, the moment (seconds since 1970) before which nothing that waits is wanted any more
PUT = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 'seen' end
local function wanted(list)
  local waiting, kept = redis.call('LRANGE', list, 0, -1), 0
  redis.call('DEL', list)
  for _, item in ipairs(waiting) do
    local read = cjson.decode(item)
    if (read.asked or read.at or 0) > tonumber(ARGV[5]) then kept = redis.call('RPUSH', list, item) end
  end
  if kept > 0 then redis.call('EXPIRE', list, ARGV[3]) end
  return kept
end
if tonumber(ARGV[5]) > 0 then
  redis.call('DEL', KEYS[5])
  if wanted(KEYS[2]) + wanted(KEYS[3]) == 0 then redis.call('DEL', KEYS[4]) end
end
if redis.call('LLEN', KEYS[2]) >= tonumber(ARGV[4]) then return 'full' end
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], '1', 'EX', ARGV[2])
return 'new'
"""
# KEYS ready; ARGV channel, conversation, kept seconds
SAY = """
redis.call('XADD', KEYS[1], '*', 'channel', ARGV[1], 'conversation', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""
# KEYS ready; ARGV group, id …
DONE = """
for i = 2, #ARGV do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  redis.call('XDEL', KEYS[1], ARGV[i])
end
"""

# The worker's scripts begin with KEYS lease hold mail out session tries; ARGV token, kept seconds. Each ends with a look at
# what is to be done next: tell something, else answer a message, else the lease is let go, in the same step: mail that
# comes after it finds no lease, and its word starts anew. Each may run twice, when the answer to the first did not arrive.
_HELD = """
local lease, hold, mail, out, session, tries = unpack(KEYS)
if redis.call('GET', lease) ~= ARGV[1] then return {'lost'} end
"""
_LOOK = """
local item = redis.call('LINDEX', out, 0)
if item then return {'tell', item} end
local message = redis.call('LINDEX', mail, 0)
if message then
  local n = redis.call('INCR', tries)
  redis.call('EXPIRE', tries, ARGV[2])
  return {'answer', message, n, redis.call('GET', session) or ''}
end
redis.call('DEL', lease)
return {'nothing'}
"""
LOOK = _HELD + _LOOK
# ARGV … milliseconds, how the tokens of workers with this name begin, how those of this one's present life do. A token of an
# earlier life is nobody's: who had it died, or let go of all when Redis went away.
TAKE = (
    """
local lease, hold, mail, out, session, tries = unpack(KEYS)
if redis.call('EXISTS', hold) == 1 then return {'lost'} end
local holder = redis.call('GET', lease) or ARGV[4]
local function begins(with) return string.sub(holder, 1, #with) == with end
if begins(ARGV[5]) or not begins(ARGV[4]) then return {'lost'} end
redis.call('SET', lease, ARGV[1], 'PX', ARGV[3])
"""
    + _LOOK
)
# ARGV … message, session ('' deletes), session seconds, what to send …
COMMIT = (
    _HELD
    + """
if redis.call('LINDEX', mail, 0) == ARGV[3] then
  redis.call('LPOP', mail)
  redis.call('DEL', tries)
  if ARGV[4] == '' then redis.call('DEL', session) else redis.call('SET', session, ARGV[4], 'EX', ARGV[5]) end
  for i = 6, #ARGV do redis.call('RPUSH', out, ARGV[i]) end
  if #ARGV > 5 then redis.call('EXPIRE', out, ARGV[2]) end
end
"""
    + _LOOK
)
# ARGV … item
SENT = (
    _HELD
    + """
if redis.call('LINDEX', out, 0) == ARGV[3] then redis.call('LPOP', out) end
"""
    + _LOOK
)
# ARGV … milliseconds, item and what takes its place ('' for both: nothing changes)
PARK = (
    _HELD
    + """
if ARGV[4] ~= '' and redis.call('LINDEX', out, 0) == ARGV[4] then redis.call('LSET', out, 0, ARGV[5]) end
redis.call('SET', hold, '1', 'PX', ARGV[3])
redis.call('DEL', lease)
return {'nothing'}
"""
)

# KEYS lease; ARGV token, milliseconds
RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
# KEYS later; ARGV conversation, seconds to wait, kept seconds. The clock is that of the node with the list: all agree on it.
PUT_OFF = """
local now = redis.call('TIME')
redis.call('ZADD', KEYS[1], now[1] + now[2] / 1e6 + ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""
# KEYS later; ARGV most
DUE = """
local now = redis.call('TIME')
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now[1] + now[2] / 1e6, 'LIMIT', 0, ARGV[1])
"""
# KEYS later; ARGV channel
HASTEN = """
for _, parked in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if cjson.decode(parked)[1] == ARGV[1] then redis.call('ZADD', KEYS[1], 0, parked) end
end
"""
# KEYS set-aside; ARGV note, most notes, kept seconds
SET_ASIDE = """
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""
