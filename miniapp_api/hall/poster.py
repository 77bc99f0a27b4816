"""The code for a poster at a hall's entrance (入口海报): it opens the hall's page for queueing."""

from __future__ import annotations

import io

import segno

from miniapp_api.guides.service import GuidesService
from miniapp_api.hall.errors import HallUnknown
from miniapp_api.platform.logs import log
from miniapp_api.platform.wechat.api import WeChatApi
from miniapp_api.platform.wechat.errors import WeChatError

PAGE = "pages/queue/index"
SCENE = "hall={hall}"  # 32 characters at most: what the page reads
PIXELS_A_MODULE = 16


class Posters:
    """Makes the codes, each once a process."""

    def __init__(self, guides: GuidesService, wechat: WeChatApi, address: str) -> None:
        """address: of the pages in a browser, for the plain code while WeChat is away."""
        self._guides = guides
        self._wechat = wechat
        self._address = address.rstrip("/")
        self._made: dict[str, bytes] = {}

    async def of(self, hall: str) -> tuple[bytes, bool]:
        """Return the picture (PNG), and whether it is WeChat's (小程序码); raise HallUnknown.

        While WeChat is away or refuses, it is a plain code of the page in a browser, which is not
        kept: the next time WeChat is asked again.
        """
        if hall not in {each.id for each in self._guides.halls()}:
            raise HallUnknown()
        if hall not in self._made:
            try:
                self._made[hall] = await self._wechat.code(SCENE.format(hall=hall), PAGE)
            except (WeChatError, ValueError) as error:  # ValueError: too long a name of a hall
                log.warning("poster_without_wechat", hall=hall, error=str(error))
                return self._plain(hall), False
        return self._made[hall], True

    def _plain(self, hall: str) -> bytes:
        picture = io.BytesIO()
        address = f"{self._address}/{PAGE}?hall={hall}"
        segno.make(address, error="m").save(picture, kind="png", scale=PIXELS_A_MODULE)
        return picture.getvalue()
