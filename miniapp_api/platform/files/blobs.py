"""Where files are stored (文件存储): a folder, or an S3-compatible store; sealed beforehand."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError

from miniapp_api.platform.files.errors import StoreUnavailable

PIECE = 1 << 18


class BlobStore(Protocol):
    """Keeps bytes under a key."""

    async def put(self, source: Path, key: str) -> None:
        """Take a file over; raise StoreUnavailable."""

    def read(self, key: str) -> AsyncIterator[bytes]:
        """Return what is kept under a key; raise StoreUnavailable."""

    async def delete(self, key: str) -> None:
        """Forget a key, whether it was there or not."""

    async def close(self) -> None:
        """Let go of connections."""


class LocalBlobs:
    """A folder of the installation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, source: Path, key: str) -> None:
        """Move a file into the folder: it is there whole, or not at all."""
        try:
            await asyncio.to_thread(self._put, source, self._path(key))
        except OSError:
            raise StoreUnavailable(retry_after=30) from None

    def _put(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".new")
        shutil.move(source, draft)
        os.replace(draft, target)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Return a file in pieces."""
        try:
            with await asyncio.to_thread(self._path(key).open, "rb") as file:
                while piece := await asyncio.to_thread(file.read, PIECE):
                    yield piece
        except OSError:
            raise StoreUnavailable(retry_after=30) from None

    async def delete(self, key: str) -> None:
        """Delete a file."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def close(self) -> None:
        """Nothing is held."""

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:4] / key


class S3Blobs:
    """A store that speaks S3."""

    def __init__(
        self, url: str, bucket: str, region: str, access_key: str, secret_key: str, timeout: float
    ) -> None:
        self._bucket = bucket
        self._options: dict[str, Any] = {
            "region_name": region,
            "endpoint_url": url,
            "aws_access_key_id": access_key,
            "aws_secret_access_key": secret_key,
            "config": AioConfig(
                connect_timeout=timeout,
                read_timeout=timeout,
                retries={"max_attempts": 1},
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }
        self._stack = AsyncExitStack()
        self._client: Any = None

    async def _s3(self) -> Any:
        if self._client is None:
            opened = get_session().create_client("s3", **self._options)
            self._client = await self._stack.enter_async_context(opened)
        return self._client

    async def put(self, source: Path, key: str) -> None:
        """Send a file, then delete it here."""
        try:
            client = await self._s3()
            with source.open("rb") as body:
                await client.put_object(Bucket=self._bucket, Key=key, Body=body)
        except (BotoCoreError, ClientError, OSError, TimeoutError):
            raise StoreUnavailable(retry_after=30) from None
        await asyncio.to_thread(source.unlink)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Return an object in pieces."""
        try:
            client = await self._s3()
            found = await client.get_object(Bucket=self._bucket, Key=key)
            async with found["Body"] as body:
                while piece := await body.read(PIECE):
                    yield piece
        except (BotoCoreError, ClientError, OSError, TimeoutError):
            raise StoreUnavailable(retry_after=30) from None

    async def delete(self, key: str) -> None:
        """Delete an object."""
        try:
            client = await self._s3()
            await client.delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError, OSError, TimeoutError):
            raise StoreUnavailable(retry_after=30) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._stack.aclose()
