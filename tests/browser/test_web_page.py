"""The page in a real browser: what a citizen sees, hears and does, and what happens when the line breaks."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from bot.channels.web import assistant_event
from bot.messages import Choice, Link, Reply
from tests.web_rig import BIRTH, WORDS, Rig, web_rig

VI = WORDS["vi"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
]
expect.set_options(timeout=15_000)


@pytest.fixture
def rig(redis_url: str, free_port: int) -> Iterator[Rig]:
    with web_rig(redis_url, free_port, messages_per_minute=25, max_message_chars=200) as rig:
        rig.pipeline.answers["entry:birth-registration"] = BIRTH
        yield rig


class Citizen:
    """Somebody with a browser."""

    def __init__(self, context: BrowserContext, rig: Rig) -> None:
        self.context = context
        self.rig = rig
        self.faults: list[str] = []

    async def open(self, url: str = "") -> Page:
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda m: self.faults.append(m.text) if "Content Security Policy" in m.text else None)
        await page.goto(url or self.rig.url)
        await expect(page.locator(".log")).to_have_attribute("aria-live", "polite")
        return page

    async def sid(self) -> str:
        return next(c["value"] for c in await self.context.cookies() if c["name"] == "motcua_sid")


@pytest_asyncio.fixture(loop_scope="module")
async def citizen(chromium: Browser, rig: Rig) -> AsyncIterator[Citizen]:
    context = await chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    person = Citizen(context, rig)
    yield person
    await context.close()
    assert person.faults == []


async def ask(page: Page, text: str) -> None:
    await page.fill("#question", text)
    await page.press("#question", "Enter")


async def says(page: Page) -> list[str]:
    return await page.locator(".log .bubble").all_inner_texts()


# ---- accessibility ----


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_axe_reflow_and_targets(chromium: Browser, rig: Rig, width: int, scheme: Any, large: bool) -> None:
    context = await chromium.new_context(
        viewport={"width": width, "height": 720}, color_scheme=scheme, has_touch=width == 320, reduced_motion="reduce"
    )
    citizen = Citizen(context, rig)
    page = await citizen.open()
    if large:
        await page.click("[data-ref=large]")

    async def check(state: str) -> None:
        report = await Axe().run(page)
        assert report.violations_count == 0, f"{state}\n{report.generate_report()}"
        wide = await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{state}: {wide}px too wide"
        small = await page.evaluate(
            """[...document.querySelectorAll("button, textarea, a.tool, a.link-button")]
            .filter(n => n.getClientRects().length)
            .map(n => [n.textContent.trim(), n.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44)
            .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
        )
        assert small == [], f"{state}: {small}"

    await check("empty")
    if width == 320:
        await page.click(".menu-toggle")
        await check("menu")
        await page.click(".menu-toggle")
    await page.locator(".tile").first.click()
    await expect(page.locator(".choice")).to_have_count(4)
    await check("answered")
    rig.pipeline.store_down = True
    await ask(page, "lệ phí bao nhiêu")
    await expect(page.get_by_role("alert")).to_have_text(VI["web_error_server"])
    await check("error")
    if width == 320:
        await page.click(".menu-toggle")
    await page.click("[data-ref=erase]")
    await check("dialog")
    await context.close()
    assert citizen.faults == []


async def test_roles_and_names(citizen: Citizen) -> None:
    page = await citizen.open()
    assert await page.evaluate("document.documentElement.lang") == "vi"
    await page.locator(".tile").first.click()
    answer = page.get_by_role("log", name="Hội thoại").get_by_role("article").last
    await expect(answer.get_by_role("group", name="Các lựa chọn").get_by_role("button")).to_have_count(4)
    await expect(answer.locator(".meta")).to_contain_text("Trợ lý tự động, ")
    await expect(page.get_by_role("article").first.locator(".meta")).to_contain_text("Anh/chị, ")
    await expect(answer.locator("ul li")).to_have_count(3)
    await expect(answer.locator("ol li")).to_have_count(3)
    await expect(page.get_by_role("textbox", name="Câu hỏi của anh/chị")).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text("")
    await expect(page.locator("[data-ref=log]")).to_have_attribute("tabindex", "0")


async def test_keyboard_only(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    focused = page.locator(":focus")
    await page.keyboard.press("Tab")
    await expect(focused).to_have_text(VI["web_skip"])
    await page.keyboard.press("Enter")
    await expect(focused).to_have_id("question")
    await page.keyboard.type("lam giay")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("khai sinh")
    rig.pipeline.answers["lam giay\nkhai sinh"] = BIRTH
    await page.keyboard.press("Enter")
    await expect(page.locator(".choice")).to_have_count(4)
    assert rig.pipeline.texts() == ["lam giay\nkhai sinh"]
    await expect(focused).to_have_id("question")
    for name in ("Hỏi cán bộ", "Nộp qua mạng", "Lệ phí"):
        await page.keyboard.press("Shift+Tab")
        await expect(focused).to_have_text(name)
    await page.keyboard.press("Enter")
    await expect(page.locator(".log article")).to_have_count(4)
    await expect(focused).to_have_text("Lệ phí")  # an arriving answer does not take the focus away
    assert rig.pipeline.received[-1].payload == "entry:birth-registration:fee"

    await page.locator(".menu-toggle").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(focused).to_have_attribute("href", "tel:0000100100")
    await page.keyboard.press("Escape")
    await expect(focused).to_have_attribute("aria-expanded", "false")
    await expect(page.locator("#menu")).to_be_hidden()
    await page.keyboard.press("Enter")
    for _ in range(4):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert len(rig.pipeline.received) == 2


async def test_enter_while_composing_does_not_send(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    await page.fill("#question", "giâ")
    for extra in ("isComposing: true", "keyCode: 229"):
        await page.evaluate(
            f"""document.querySelector("#question").dispatchEvent(
            new KeyboardEvent("keydown", {{key: "Enter", bubbles: true, cancelable: true, {extra}}}))"""
        )
    await expect(page.locator("#question")).to_have_value("giâ")
    await page.press("#question", "Enter")
    await expect(page.locator(".log article")).to_have_count(2)
    assert rig.pipeline.texts() == ["giâ"]


async def test_one_announcement_per_message(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    await page.evaluate(
        """window.added = [];
        new MutationObserver(list => list.forEach(m => m.addedNodes.forEach(n =>
          window.added.push([m.target.className, n.textContent]))))
          .observe(document.querySelector(".log"), {childList: true, subtree: true});"""
    )
    rig.pipeline.gate.clear()
    await ask(page, "một")
    await expect(page.get_by_role("status")).to_have_text(VI["web_status_typing"])
    rig.pipeline.gate.set()
    await expect(page.locator(".log article")).to_have_count(2)
    await expect(page.get_by_role("status")).to_have_text("")
    added = await page.evaluate("window.added")
    assert [where for where, _ in added] == ["log", "log"]
    assert "một" in added[0][1] and "Trả lời: một" in added[1][1]


@pytest.mark.parametrize("size", [(640, 360), (320, 320), (390, 400)])
async def test_low_screens_and_strong_zoom(citizen: Citizen, rig: Rig, size: tuple[int, int]) -> None:
    page = await citizen.open()
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.locator(".tile").first.click()
    await expect(page.locator(".choice")).to_have_count(4)
    last = page.locator(".choice").last
    await last.focus()
    box, bottom = await last.bounding_box(), await page.locator(".bottom").bounding_box()
    assert box and bottom and box["y"] + box["height"] <= bottom["y"] + 1, "the focused button is hidden"
    await page.focus("#question")
    await expect(page.locator("#question")).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


async def test_without_javascript_there_is_a_phone_number(chromium: Browser, rig: Rig) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(rig.url)
    await expect(page.locator(".noscript a")).to_have_attribute("href", "tel:0000100100")
    await expect(page.locator(".noscript")).to_be_visible()
    await context.close()


# ---- conversation ----


async def test_text_is_never_markup(citizen: Citizen, rig: Rig) -> None:
    rig.pipeline.answers["x"] = Reply(
        "<img src=x onerror=alert(1)> xem http://a.vn, javascript:alert(1), (https://dichvucong.gov.vn/a?b=1&c=2).\n"
        "https://[bad https://bocongan.gov.vn…",
        "vi",
        choices=(Choice("<b>đậm</b>", "a"),),
        links=(Link("js", "javascript:alert(1)"), Link("http", "http://a.vn"), Link("tốt", "https://a.gov.vn/")),
    )
    page = await citizen.open()
    await ask(page, "x")
    answer = page.locator(".theirs")
    await expect(answer.locator(".bubble a")).to_have_count(2)
    await expect(answer.locator(".bubble a").first).to_have_attribute("href", "https://dichvucong.gov.vn/a?b=1&c=2")
    await expect(answer.locator(".bubble a").last).to_have_attribute("href", "https://bocongan.gov.vn/")
    for link in await answer.locator("a").all():
        assert await link.get_attribute("rel") == "noopener noreferrer"
        assert await link.get_attribute("target") == "_blank"
    await expect(answer.locator(".link-button")).to_have_count(1)
    await expect(answer.locator("img, b")).to_have_count(0)
    await expect(answer.locator(".bubble")).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(answer.locator(".choice")).to_have_text("<b>đậm</b>")


async def test_masked_words_replace_what_was_typed(citizen: Citizen) -> None:
    page = await citizen.open()
    await ask(page, "số 079123456789")
    await expect(page.locator(".log .own .bubble")).to_have_text("số [số giấy tờ]")
    await expect(page.locator(".pending .message")).to_have_count(0)
    assert "079123456789" not in await page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")


async def test_reload_resumes_and_old_buttons_work(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    await page.locator(".tile").first.click()
    await expect(page.locator(".log article")).to_have_count(2)
    await ask(page, "hai")
    await expect(page.locator(".log article")).to_have_count(4)
    before = await says(page)
    await page.reload()
    await expect(page.locator(".log")).to_have_attribute("aria-live", "polite")
    assert await says(page) == before
    await expect(page.locator(".welcome")).to_be_hidden()
    await page.get_by_role("button", name="Lệ phí").click()
    await expect(page.locator(".log article")).to_have_count(6)
    assert rig.pipeline.received[-1].payload == "entry:birth-registration:fee"


async def test_two_tabs_and_erasing(citizen: Citizen, rig: Rig) -> None:
    one, two = await citizen.open(), await citizen.open()
    await ask(one, "từ tab một")
    await ask(two, "từ tab hai")
    for tab in (one, two):
        await expect(tab.locator(".log article")).to_have_count(4)
    assert await says(one) == await says(two)
    await two.click(".menu-toggle")
    await two.click("[data-ref=erase]")
    await two.click("[data-ref=eraseYes]")
    for tab in (one, two):
        await expect(tab.locator(".log article")).to_have_count(1)
        assert await says(tab) == ["Đã xóa hết cuộc trò chuyện."]
        await expect(tab.locator(".pending .message")).to_have_count(0)
        await expect(tab.locator(".tile").first).to_be_visible()
    assert rig.pipeline.texts()[-1] == "/xoa"
    await two.reload()
    await expect(two.locator(".log article")).to_have_count(1)


async def test_news_does_not_scroll_a_reader_away(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    for _ in range(2):
        await page.evaluate("document.querySelector('.tile').click()")
    await expect(page.locator(".choice")).to_have_count(8)
    await page.locator("[data-ref=scroll]").evaluate("n => (n.scrollTop = 0)")
    await page.locator("[data-ref=large]").focus()
    await rig.append(await citizen.sid(), assistant_event(Reply("Cán bộ trả lời", "vi"), "c-from-desk"))
    await expect(page.locator(".newer")).to_be_visible()
    assert await page.locator("[data-ref=scroll]").evaluate("n => n.scrollTop") == 0
    await expect(page.locator(":focus")).to_have_attribute("data-ref", "large")
    await page.click(".newer")
    await expect(page.locator(".log article").last).to_be_in_viewport()
    await expect(page.locator(".newer")).to_be_hidden()


async def test_preferences_are_kept(citizen: Citizen) -> None:
    page = await citizen.open()
    await page.click("[data-ref=large]")
    await page.click(".menu-toggle")
    await page.click("[data-ref=dark]")
    await page.click("[data-ref=language]")
    for _ in range(2):
        root = page.locator("html")
        await expect(root).to_have_attribute("lang", "en")
        await expect(root).to_have_attribute("data-theme", "dark")
        await expect(root).to_have_css("font-size", "24px")
        await expect(page.locator("[data-ref=large]")).to_have_attribute("aria-pressed", "true")
        await expect(page.get_by_role("heading", level=2)).to_have_text("Welcome!")
        await expect(page.locator("#question")).to_have_attribute("placeholder", WORDS["en"]["web_input_placeholder"])
        await page.reload()


# ---- broken lines ----


async def test_torn_feed_resumes_without_loss_or_double(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open(rig.cable_url)
    await ask(page, "trước")
    await expect(page.locator(".log article")).to_have_count(2)
    sid = await citizen.sid()
    resumed: list[str] = []
    page.on("request", lambda r: resumed.append(r.headers.get("last-event-id", "")) if "events" in r.url else None)
    await rig.arun(_cut(rig, plugged=False))
    await expect(page.get_by_role("status")).to_have_text(VI["web_status_lost"])
    for n in range(3):
        await rig.append(sid, assistant_event(Reply(f"trong lúc mất mạng {n}", "vi"), f"c-{n}"))
    rig.plug()
    await expect(page.locator(".log article")).to_have_count(5)
    await expect(page.get_by_role("status")).to_have_text(VI["web_status_back"])
    assert (await says(page))[2:] == [f"trong lúc mất mạng {n}" for n in range(3)]
    assert resumed and all(resumed)
    await expect(page.get_by_role("status")).to_have_text("")


async def _cut(rig: Rig, *, plugged: bool) -> None:
    rig.cable.plugged = plugged
    rig.cable.cut()


async def test_line_cut_while_the_answer_is_made(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open(rig.cable_url)
    rig.pipeline.gate.clear()
    await ask(page, "một câu")
    await expect(page.get_by_role("status")).to_have_text(VI["web_status_typing"])
    while not rig.pipeline.received:
        await page.evaluate("1")
    await rig.arun(_cut(rig, plugged=True))
    rig.pipeline.gate.set()
    await expect(page.locator(".log article")).to_have_count(2)
    await expect(page.locator(".pending .message")).to_have_count(0)
    await expect(page.get_by_role("alert")).to_have_text("")
    assert rig.pipeline.texts() == ["một câu"]
    await ask(page, "câu sau")
    await expect(page.locator(".log article")).to_have_count(4)


async def test_message_written_offline_is_sent_later(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open(rig.cable_url)
    await rig.arun(_cut(rig, plugged=False))
    await ask(page, "lúc mất mạng")
    await ask(page, "câu thứ hai")
    await expect(page.get_by_role("alert")).to_have_text(VI["web_error_send"])
    await expect(page.locator(".pending .message")).to_have_count(2)
    await expect(page.locator(".pending .message").first).to_contain_text(VI["web_unsent"])
    rig.plug()
    await expect(page.locator(".log article")).to_have_count(4)
    await expect(page.get_by_role("alert")).to_have_text("")
    assert rig.pipeline.texts() == ["lúc mất mạng", "câu thứ hai"]


async def test_unsent_message_survives_a_reload(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    rig.pipeline.store_down = True
    await ask(page, "đừng mất nhé")
    await expect(page.get_by_role("alert")).to_have_text(VI["web_error_server"])
    await page.reload()
    await expect(page.locator(".pending .message")).to_contain_text("đừng mất nhé")
    rig.pipeline.store_down = False
    await expect(page.locator(".log article")).to_have_count(2)
    assert rig.pipeline.texts() == ["đừng mất nhé"]


async def test_503_keeps_the_text_and_offers_to_send_again(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    rig.pipeline.store_down = True
    cids: list[str] = []
    page.on("request", lambda r: cids.append(json.loads(r.post_data or "{}")["cid"]) if r.method == "POST" else None)
    await ask(page, "lệ phí")
    await expect(page.get_by_role("alert")).to_have_text(VI["web_error_server"])
    await expect(page.locator(".pending .bubble")).to_have_text("lệ phí")
    rig.pipeline.store_down = False
    await page.get_by_role("button", name="Gửi lại").click()
    await expect(page.locator(".log article")).to_have_count(2)
    await expect(page.get_by_role("alert")).to_have_text("")
    await expect(page.get_by_role("button", name="Gửi lại")).to_be_hidden()
    assert len(cids) >= 2 and len(set(cids)) == 1


async def test_fault_of_ours_is_not_hammered(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    rig.pipeline.broken = True
    await ask(page, "gây lỗi")
    await expect(page.get_by_role("button", name="Gửi lại")).to_be_visible()
    rig.pipeline.broken = False
    assert len(rig.pipeline.received) == 1
    await page.get_by_role("button", name="Gửi lại").click()
    await expect(page.locator(".log article")).to_have_count(2)


async def test_double_post_of_one_message_shows_once(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()

    async def twice(route: Route) -> None:
        await route.fetch()
        await route.continue_()

    await page.route("**/chat/messages", twice)
    await ask(page, "hai lần")
    await expect(page.locator(".log article")).to_have_count(2)
    await ask(page, "rồi")
    await expect(page.locator(".log article")).to_have_count(4)
    assert rig.pipeline.texts() == ["hai lần", "rồi"]


async def test_too_fast_is_said_politely_and_sent_later(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    refused = 0

    async def slow_down(route: Route) -> None:
        nonlocal refused
        refused += 1
        if refused > 1:
            await route.continue_()
        else:
            await route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": "…", "code": "too_fast"})

    await page.route("**/chat/messages", slow_down)
    await ask(page, "nhanh quá")
    await expect(page.get_by_role("alert")).to_have_text(VI["web_error_too_fast"])
    await expect(page.locator(".log article")).to_have_count(2)
    await expect(page.get_by_role("alert")).to_have_text("")


async def test_too_long_text_stays_in_the_box(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    await page.fill("#question", "a" * 201)
    await expect(page.locator(".count")).to_have_text("201/200")
    await page.press("#question", "Enter")
    await expect(page.get_by_role("alert")).to_have_text(VI["web_error_too_long"])
    await expect(page.locator("#question")).to_have_value("a" * 201)
    await page.get_by_role("button", name="Đóng").click()
    await expect(page.get_by_role("alert")).to_have_text("")
    await page.route(
        "**/chat/messages", lambda route: route.fulfill(status=413, json={"error": "", "code": "too_long"})
    )
    await ask(page, "b" * 150)  # the server knows better
    await expect(page.get_by_role("alert")).to_have_text(VI["web_error_too_long"])
    await expect(page.locator("#question")).to_have_value("b" * 150)
    await expect(page.locator(".pending .message")).to_have_count(0)


async def test_lost_session_is_renewed_and_the_message_kept(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    await citizen.context.clear_cookies()
    await ask(page, "phiên mới")
    await expect(page.locator(".log article")).to_have_count(2)
    assert rig.pipeline.texts() == ["phiên mới"]
    assert rig.pipeline.received[0].conversation == await citizen.sid()


async def test_refused_cookies_are_explained_not_reloaded_for_ever(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.context.new_page()
    loads: list[str] = []
    page.on("load", lambda _: loads.append("load"))
    await page.route("**/chat/*", lambda route: route.fulfill(status=401, json={"error": "", "code": "session"}))
    await page.goto(rig.url)
    await expect(page.get_by_role("alert")).to_have_text(VI["web_error_session"])
    assert len(loads) <= 2


@pytest.mark.parametrize("fault", ["500", "204", "wrong type", "torn frame"])
async def test_bad_feed_answers_are_survived(citizen: Citizen, rig: Rig, fault: str) -> None:
    page = await citizen.open()
    await ask(page, "một")
    await expect(page.locator(".log article")).to_have_count(2)
    tries = 0

    async def bad(route: Route) -> None:
        nonlocal tries
        tries += 1
        if tries > 1:
            await route.continue_()
        elif fault == "wrong type":
            await route.fulfill(status=200, content_type="text/html", body="<h1>Proxy</h1>")
        elif fault == "torn frame":
            await route.fulfill(
                status=200, content_type="text/event-stream", body='retry: 100\n\nid: 1-0\ndata: {"sender":"assis'
            )
        else:
            await route.fulfill(status=int(fault))

    await page.route("**/chat/events", bad)
    await page.reload()
    await expect(page.locator(".log article")).to_have_count(2)
    await expect(page.locator(".log")).to_have_attribute("aria-live", "polite")
    assert tries >= 2


async def test_frames_of_any_form(citizen: Citizen, rig: Rig) -> None:
    page = await citizen.open()
    event = json.loads(assistant_event(Reply("Nhiều dòng\r\nCRLF", "vi"), "c-1"))
    data = "\r\n".join(f"data: {line}" for line in json.dumps(event, ensure_ascii=False, indent=1).splitlines())
    body = (
        f": ping\r\n\r\nretry:60000\r\n\r\nid: 5-0\r\n{data}\r\n\r\nid:5-0\r\n{data}\r\n\r\nid: 6-0\ndata: not json\n\n"
    )
    body += "event: synced\rdata: {}\r\r: end"
    await page.route("**/chat/events", lambda r: r.fulfill(status=200, content_type="text/event-stream", body=body))
    await page.reload()
    await expect(page.locator(".log article")).to_have_count(1)
    assert await says(page) == ["Nhiều dòng\nCRLF"]


async def test_bytes_in_crumbs(citizen: Citizen, rig: Rig) -> None:
    """Letters of several bytes arrive in pieces."""
    page = await citizen.open(rig.cable_url)
    rig.cable.crumbs = 7
    words = "Đường Nguyễn Thị Thập, phường Tân Phú: hưởng ứng ✓ 😀 " * 3
    await rig.append(await citizen.sid(), assistant_event(Reply(words.strip(), "vi"), "c-1"))
    await expect(page.locator(".log .bubble")).to_have_text(words.strip())
