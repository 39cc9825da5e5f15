"""`motcua setup`: checks what an admin was given by a platform, registers us there, and says what is left to click."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import ClientSession

from bot.channels.zalo_oa import ZaloOa
from bot.channels.zalo_tokens import new_verifier
from bot.channels.zalo_words import NOT_BY_CONSENT
from bot.consent import CONSENT_PATH
from bot.errors import ChannelError, NeedsAdmin, StoreUnavailable, WrongAddress
from bot.http import http_client
from bot.parts import say_aloud as say
from bot.platforms import Reachable, no_way_in, telegram, webhook_url, zalo_bot, zalo_oa
from bot.settings import Settings
from bot.store.presence import Troubles
from bot.store.redis import connect
from bot.store.vault import Vault

PATIENCE = timedelta(minutes=15)  # as long as a begun consent counts


async def setup(settings: Settings, platform: str) -> int:
    """Connect one platform; the exit code of the command."""
    async with http_client() as client:
        try:
            return await SETUPS[platform](settings, client)
        except StoreUnavailable as error:
            vi = "Redis không trả lời → trợ lý phải đang chạy ở cửa sổ khác (motcua run)"
            say(f"!! {vi} / Redis does not answer: the bot must be running\n   {error}")
        except (ChannelError, WrongAddress) as error:
            say(f"!! {error}")
        return 1


async def _telegram(settings: Settings, client: ClientSession) -> int:
    if not settings.telegram_token.get_secret_value():
        return _missing(
            "MOTCUA_TELEGRAM_TOKEN",
            "Mở Telegram, nhắn @BotFather: /newbot, đặt tên; nó gửi lại một mã dạng 123456:ABC…",
            "In Telegram write to @BotFather: /newbot; it answers with a token like 123456:ABC…",
        )
    name = await _register(settings, telegram(settings))
    say(f"Người dân tìm {name} hoặc mở / citizens search {name} or open https://t.me/{name.removeprefix('@')}")
    say(
        "Nên làm thêm với @BotFather / worth doing with @BotFather: /setdescription, /setuserpic (huy hiệu, ảnh trụ sở), "
        "/setjoingroups → Disable (trợ lý chỉ trả lời trò chuyện riêng / private chats only)."
    )
    return 0


async def _zalo_bot(settings: Settings, client: ClientSession) -> int:
    if not settings.zalo_bot_token.get_secret_value():
        return _missing(
            "MOTCUA_ZALO_BOT_TOKEN",
            "Mở Zalo, tìm OA “Zalo Bot Manager”, chọn Tạo bot; mã được gửi trong tin nhắn.",
            "In Zalo find the OA “Zalo Bot Manager”, create a bot; its token comes in a message.",
        )
    await _register(settings, zalo_bot(settings, client))
    return 0


async def _register(settings: Settings, platform: Reachable) -> str:
    """The name that the platform knows us by; it is told where to post."""
    name = await platform.who()
    say(f"✓ {platform.name}: mã đúng / the token is right, {name}")
    if url := webhook_url(settings, platform.name):
        await platform.set_webhook(url)
        say(f"✓ Tin nhắn sẽ được đưa đến / messages come to {url}")
    else:
        say(
            "  Không có MOTCUA_PUBLIC_URL=https://… → trợ lý tự hỏi tin mới, không cần làm gì / "
            "without a public address the bot asks for news itself"
        )
    say("→ Chạy lại trợ lý, rồi gõ motcua doctor để xem / restart the bot, then look with motcua doctor")
    return name


async def _zalo_oa(settings: Settings, client: ClientSession) -> int:
    if not settings.zalo_oa_app_id or not settings.zalo_oa_app_secret.get_secret_value():
        return _missing(
            "MOTCUA_ZALO_OA_APP_ID, MOTCUA_ZALO_OA_APP_SECRET",
            "Vào developers.zalo.me, tạo ứng dụng, liên kết với OA đã xác thực; mã và khóa ở trang Cài đặt.",
            "At developers.zalo.me make an app and link it to your verified OA; its id and secret are on the settings page.",
        )
    if settings.zalo_oa_secret == settings.zalo_oa_app_secret:
        say(
            "!! MOTCUA_ZALO_OA_SECRET trùng với MOTCUA_ZALO_OA_APP_SECRET / are the same\n"
            "   Đó là hai khóa khác nhau: OA Secret Key ở trang Webhook, khóa bí mật của ứng dụng ở trang cài đặt ứng dụng.\n"
            "   They are two keys: the OA Secret Key of the webhook page, and the app's secret of its settings page."
        )
        return 1
    public = settings.public_url.rstrip("/")
    if not public.startswith(("https://", "http://127.0.0.1")):  # the latter to rehearse with a fake
        return _missing(
            "MOTCUA_PUBLIC_URL",
            "Zalo chỉ gửi tin đến địa chỉ https:// có tên miền.",
            "Zalo posts only to an https:// address with a domain name.",
        )
    consent = f"{public}{CONSENT_PATH}"
    say(
        "Bấm trong trang ứng dụng ở developers.zalo.me / on the app's page:\n"
        f"  1. Xác thực tên miền → Meta Tag: đặt mã vào MOTCUA_ZALO_VERIFICATION{_done(settings.zalo_verification)}\n"
        f"  2. Official Account → Callback Url: {consent}\n"
        f"  3. Webhook → Webhook URL: {public}/webhook/zalo-oa\n"
        f"     OA Secret Key → MOTCUA_ZALO_OA_SECRET{_done(settings.zalo_oa_secret.get_secret_value())}\n"
        "     Webhook Retry: BẬT/ON · Lọc cú pháp/syntax filter: TẮT/OFF\n"
        "     Bật sự kiện / switch on: user_send_*, anonymous_send_*, oa_send_*, follow, unfollow, "
        "user_click_chatnow, user_withdraw\n"
        "  Đổi .env xong thì chạy lại trợ lý / restart the bot after changing .env"
    )
    if not await _found(settings, client, f"{public}/webhook/zalo-oa"):
        return 1
    redis = connect(settings.redis_address)
    try:
        vault = Vault(redis)
        oa = zalo_oa(settings, client, vault)
        try:
            name = await oa.who()
        except NeedsAdmin as error:  # never connected, or the pair was lost: then there is one, and it is of no use
            if error.code in NOT_BY_CONSENT:
                raise
            await _await_consent(oa, vault, consent)
            name = await oa.who()
        await Troubles(redis).over(oa.name)
    finally:
        await redis.aclose()
    say(f"✓ zalo-oa: nói được với tư cách / speaks for “{name}”")
    if settings.zalo_oa_secret.get_secret_value():
        say("→ Nhắn thử cho OA, rồi gõ motcua doctor để xem / write to the OA, then look with motcua doctor")
        return 0
    return _missing(
        "MOTCUA_ZALO_OA_SECRET",
        "OA Secret Key ở trang Webhook; chưa có thì trợ lý không đọc tin nào. Ghi xong thì chạy lại trợ lý.",
        "The OA Secret Key of the webhook page; without it nothing is read. Restart the bot when it is there.",
    )


async def _found(settings: Settings, client: ClientSession, url: str) -> bool:
    """Whether the assistant runs with these settings; warns where only the way from outside could not be seen from here."""
    if not (why := await no_way_in(client, url)):
        say(f"✓ {url}")
        return True
    here = not await no_way_in(client, f"{settings.web_base}/webhook/{url.rpartition('/')[2]}")
    say(f"!! {url}: {why}")
    if here:
        vi = "Mở địa chỉ đó bằng điện thoại dùng 4G: phải thấy chữ ok"
        say(f"   {vi} / open it on a phone outside of your network: it must show ok")
    return here


async def _token(oa: ZaloOa) -> str:
    try:
        return await oa.keeper.access()
    except NeedsAdmin:
        return ""


async def _await_consent(oa: ZaloOa, vault: Vault, consent: str) -> None:
    """Send the admin to Zalo and wait until the web part has got the tokens. Raises NeedsAdmin after a quarter of an hour."""
    before = await _token(oa)
    state, verifier = secrets.token_urlsafe(24), new_verifier()
    await vault.begin_consent(state, verifier)
    link = oa.oauth.consent_url(redirect_uri=consent, verifier=verifier, state=state)
    say(
        "  4. Quản trị viên của OA mở đường dẫn này trong 15 phút và bấm đồng ý (trợ lý phải đang chạy) /\n"
        f"     an admin of the OA opens this within 15 minutes and agrees, while the bot runs:\n     {link}"
    )
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE.total_seconds()
    while await _token(oa) == before:
        if loop.time() > end:
            raise NeedsAdmin(
                "Chưa thấy đồng ý sau 15 phút → chạy lại / no consent came within 15 minutes, run it again"
            )
        await asyncio.sleep(1)


def _done(value: str) -> str:
    return " ✓" if value else " (chưa có / not yet)"


def _missing(setting: str, vi: str, en: str) -> int:
    say(f"!! Thiếu {setting} trong .env / is missing\n   {vi}\n   {en}")
    return 1


SETUPS: dict[str, Callable[[Settings, ClientSession], Awaitable[int]]] = {
    "telegram": _telegram,
    "zalo-oa": _zalo_oa,
    "zalo-bot": _zalo_bot,
}
