"""Every Redis key and how long it lives: the one table to read before asking what is kept.

The part in braces is a hash tag: all keys of one conversation lie on one node of a cluster.
"""

from datetime import timedelta

SESSION = "motcua:{%s}:session"  # JSON of Session, lives Settings.session_days after the last message
WEB_EVENTS = "motcua:{%s}:events"  # stream of what a web page has shown, lives as long as the session
WEB_SEEN = "motcua:{%s}:seen:%s"  # client ids of POSTs already taken, so that a repeated POST is not answered twice
TURN_LOCK = "motcua:{%s}:turn"  # held while one turn of the conversation is in hand
RATE = "motcua:{%s}:rate"  # messages of this minute

SEEN_TTL = timedelta(hours=24)
TURN_TTL = timedelta(seconds=30)
RATE_TTL = timedelta(seconds=60)
WEB_EVENTS_KEPT = 200


def conversation_key(pattern: str, channel: str, conversation: str, *rest: str) -> str:
    """Fill a pattern for one conversation."""
    return pattern % (f"{channel}:{conversation}", *rest)
