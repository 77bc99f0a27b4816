"""Which rooms have tables.

After a change of models: `tortoise -c miniapp_api.tables.TORTOISE_ORM makemigrations`.
"""

from __future__ import annotations

from typing import Any

from miniapp_api.platform import database
from miniapp_api.settings import Settings, load

# In migration order.
ROOMS = (
    "platform",
    "staff",
    "guides",
    "identity",
    "messages",
    "appointments",
    "hall",
    "certificates",
    "payments",
    "applications",
    "chat",
)


def tables(settings: Settings) -> dict[str, Any]:
    """Return Tortoise's configuration of all rooms."""
    return database.configuration(settings.database, ROOMS)


def __getattr__(name: str) -> Any:
    """Give Tortoise's command line its configuration without reading settings at import."""
    if name == "TORTOISE_ORM":
        return tables(load())
    raise AttributeError(name)
