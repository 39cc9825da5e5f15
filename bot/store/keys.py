"""Every Redis key and how long it lives: the one table to read before asking what is kept.

The part in braces is a hash tag: all keys of one conversation lie on one node of a cluster.
"""

from datetime import timedelta

SESSION = "motcua:{%s}:session"  # JSON of Session, lives Settings.session_days after the last message
WEB_EVENTS = "motcua:{%s}:events"  # stream of what a web page has shown, lives as long as the session
SEEN = "motcua:{%s}:seen:%s"  # ids of messages already taken, so that what is brought twice is not answered twice
MAIL = "motcua:{%s}:mail"  # list of messages that wait for their answer
OUT = "motcua:{%s}:out"  # list of what a citizen still has to be told
LEASE = "motcua:{%s}:lease"  # the worker that answers the conversation now
HOLD = "motcua:{%s}:hold"  # until it ends, the platform must be left alone about this conversation
TRIES = "motcua:{%s}:tries"  # how often the oldest message was begun
TURN_LOCK = "motcua:{%s}:turn"  # held while one turn of the conversation is in hand
RATE = "motcua:{%s}:rate"  # messages of this minute
READY = "motcua:ready"  # stream: these conversations have mail
LATER = "motcua:later"  # sorted by time: conversations that must wait
SET_ASIDE = "motcua:set-aside"  # list: messages that nobody could answer, without their words
WORKERS = "motcua:workers"  # sorted by time: workers and when each last said that it lives
COUNTS = "motcua:counts"  # numbers for /metrics: how many, how long; nobody's words, nobody's id
TROUBLES = "motcua:trouble:%s"  # what an admin must mend about a platform before anything can be sent there
TOKENS = "motcua:{zalo-oa}:tokens"  # the pair of the Official Account
TOKENS_LOCK = "motcua:{zalo-oa}:renewing"
CONSENT = "motcua:{zalo-oa}:consent:%s"  # PKCE verifier of a consent that an admin has begun
PACE = "motcua:pace:%s"  # the clock of one rate limit, lives as long as it slows anybody down
PROBE = "motcua:probe:{motcua:ready}"  # written to see whether one can, on the node that has READY

SEEN_TTL = timedelta(hours=24)
TURN_TTL = timedelta(seconds=30)
RATE_TTL = timedelta(seconds=60)
KEPT_TTL = timedelta(days=7)  # mail, and what says that there is some
LEASE_TTL = timedelta(seconds=30)
TOKENS_TTL = timedelta(days=90)  # of a refresh token
TOKENS_LOCK_TTL = timedelta(seconds=30)  # longer than a renewal may take
CONSENT_TTL = timedelta(minutes=15)
COUNTS_TTL = timedelta(days=30)  # since the last count
TROUBLE_TTL = timedelta(hours=1)  # it is noted again with every try
PROBE_TTL = timedelta(seconds=60)
ALIVE_SECONDS = 10  # without a sign from a worker before it counts as gone
MAIL_MOST = 100
SET_ASIDE_MOST = 200
WEB_EVENTS_KEPT = 200


def conversation_key(pattern: str, channel: str, conversation: str, *rest: str) -> str:
    """Fill a pattern for one conversation."""
    return pattern % (f"{channel}:{conversation}", *rest)
