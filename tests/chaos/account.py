"""The Official Account amid the kills: tokens that run out all the time, parts that die just then, and an admin who helps."""

import asyncio
import random
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.channels.zalo_tokens import new_verifier
from bot.consent import CONSENT_PATH
from bot.errors import StoreUnavailable
from bot.platforms import zalo_oa
from bot.settings import Settings
from bot.store.presence import Troubles
from bot.store.vault import Vault
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.installation import PUBLIC, Installation

LIFETIME = 30.0  # seconds of an access token; Zalo's own live 25 hours
AIMED = 0.25  # share of the renewals in which a part is killed between Zalo's new pair and its arrival


class Admin:
    """Reads what is told of the account, and agrees anew when its tokens are lost, as `motcua setup zalo-oa` asks for.

    `lost`: the event loop's clock of each last renewal before a loss; only a killed process may have lost it.
    """

    def __init__(self, here: Installation, settings: Settings, fake: FakeZaloOa, kill: Callable[[str], None]) -> None:
        self._here = here
        self._settings = settings
        self._fake = fake
        self._kill = kill
        self._renewed = 0.0
        self.at_rest = False  # nothing more is killed
        self.lost: list[float] = []
        self.connected = asyncio.Event()
        fake.asked = self._while_renewing

    def _while_renewing(self) -> None:
        if self._fake.renewals[-1] != "ok":
            return
        self._renewed = asyncio.get_running_loop().time()
        if random.random() < AIMED and not self.at_rest:
            self._kill(random.choice([name for name in self._here.parts if name != "nlu"]))

    async def watch(self) -> None:
        """Until cancelled."""
        async with ClientSession() as browser:
            while True:
                try:
                    if await Troubles(self._here.redis).of(["zalo-oa"]) and await self._agree(browser):
                        if self.connected.is_set():
                            self.lost.append(self._renewed)
                        self.connected.set()
                except (StoreUnavailable, ClientError, TimeoutError):
                    pass  # a part that is needed is away just now
                await asyncio.sleep(1.0)

    async def _agree(self, browser: ClientSession) -> bool:
        vault, state, verifier = Vault(self._here.redis), secrets.token_urlsafe(24), new_verifier()
        await vault.begin_consent(state, verifier)
        oauth = zalo_oa(self._settings, browser, vault).oauth
        link = oauth.consent_url(redirect_uri=f"{PUBLIC}{CONSENT_PATH}", verifier=verifier, state=state)
        async with browser.get(link, allow_redirects=False) as sent_back:
            back = urlsplit(sent_back.headers["location"])
        page = f"{self._settings.web_base}{back.path}?{back.query}"
        async with browser.get(page, timeout=ClientTimeout(30.0)) as agreed:
            return agreed.status == 200
