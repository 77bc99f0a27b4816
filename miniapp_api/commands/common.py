"""What every command shares: the settings, or a clear end."""

from __future__ import annotations

import typer
from rich.console import Console

from miniapp_api.platform import secrets
from miniapp_api.settings import Settings, SettingsError, load

console = Console(stderr=True)


def checked_settings() -> Settings:
    """Return the settings, or end the program naming what is wrong."""
    try:
        return secrets.complete(load())
    except SettingsError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
