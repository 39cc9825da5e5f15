"""The page to which Zalo sends an admin back who has agreed that the assistant speaks for the Official Account."""

import html
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channels.zalo_oa import ZaloOa
from bot.channels.zalo_words import MEANING
from bot.errors import ChannelError, StoreUnavailable
from bot.store.presence import Troubles
from bot.store.vault import Vault

log = structlog.get_logger()

CONSENT_PATH: Final = "/zalo-oa/consent"
AGAIN: Final = (
    "Chạy lại lệnh motcua setup zalo-oa rồi mở đường dẫn mới.",
    "Run motcua setup zalo-oa again and open the new link.",
)


class Consent:
    """GET with Zalo's `code` and the `state` of a consent that was begun here, which counts once."""

    def __init__(self, oa: ZaloOa, vault: Vault, troubles: Troubles) -> None:
        self._oa = oa
        self._vault = vault
        self._troubles = troubles

    async def arrive(self, request: Request) -> Response:
        code, state = request.query_params.get("code", ""), request.query_params.get("state", "")
        try:
            verifier = await self._vault.end_consent(state) if code and state else None
            if verifier is None:
                return _page(
                    400, ("Đường dẫn này đã dùng hoặc đã quá 15 phút.", "This link is used up or too old."), AGAIN
                )
            await self._oa.keeper.keep(await self._oa.oauth.exchange(code, verifier))
            await self._troubles.over(self._oa.name)
        except ChannelError as error:
            log.error("zalo_oa.consent_failed", error=str(error), code=error.code)
            said = (f"Zalo không cấp mã (lỗi {error.code}).", f"Zalo gave no token (error {error.code}).")
            return _page(502, said, *([MEANING[error.code]] if error.code in MEANING else []), AGAIN)
        except StoreUnavailable as error:
            log.error("zalo_oa.consent_failed", error=str(error))
            return _page(503, ("Redis không trả lời.", "Redis does not answer."), AGAIN)
        log.info("zalo_oa.connected")
        return _page(200, ("Đã nối với Zalo Official Account.", "Connected to the Zalo Official Account."))


def _page(status: int, *sentences: tuple[str, str]) -> Response:
    lines = "".join(f"<p>{html.escape(vi)}</p><p lang=en>{html.escape(en)}</p>" for vi, en in sentences)
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>Một Cửa</title>"
    page = f"<!doctype html><html lang=vi><head>{head}</head><body>{lines}</body></html>"
    return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})
