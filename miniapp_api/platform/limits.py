"""Rate limits (限流) in Redis: when Redis is away they are off, because the service goes first."""

from __future__ import annotations

from miniapp_api.platform.errors import TooManyRequests
from miniapp_api.platform.logs import log
from miniapp_api.platform.redis import Redis, RedisError

# One atomic step, so that a crash between the two cannot leave a counter that never expires.
COUNT = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('TTL', KEYS[1])}
"""


async def limit(redis: Redis, name: str, *, most: int, seconds: int) -> None:
    """Count one use of `name`; raise TooManyRequests beyond `most` per window of `seconds`.

    The refusal knows how many uses were beyond it by now.
    """
    try:
        used, wait = await redis.eval(COUNT, 1, f"limit:{name}", seconds)
    except RedisError as error:
        log.warning("limits_off", error=type(error).__name__)
        return
    if used > most:
        refusal = TooManyRequests(retry_after=max(1, wait))
        refusal.beyond = used - most
        raise refusal
