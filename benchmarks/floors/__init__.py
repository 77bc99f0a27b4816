"""Bare servers: what Sanic and asyncpg can do at best on this machine, with nothing around them."""
