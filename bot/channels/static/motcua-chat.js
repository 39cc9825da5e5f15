// <motcua-chat>: the citizen's chat. The markup comes from the server (page.html); this file brings it to life.
// Text from outside enters the page only through textContent, links only when they are https.

const FEED_URL = "/chat/events";
const POST_URL = "/chat/messages";
const QUIET_MS = 45000; // the server pings every 20 s: this long without a byte means a dead line
const POST_TIMEOUT_MS = 60000;
const ANSWER_LATE_MS = 5000; // answered, but not seen in the feed: ask the feed again
const LONGEST_WAIT_MS = 30000;
const RELOAD_ONCE_MS = 15000;
const OPENS = /^(?:flow:[\w-]+|(?:entry|catalogue|at)(?::[\w.-]+)+)$/; // as in bot/core/guide.py

const storage = {
  get(area, key) {
    try {
      return area().getItem(key);
    } catch {
      return null;
    }
  },
  set(area, key, value) {
    try {
      if (value === null) area().removeItem(key);
      else area().setItem(key, value);
    } catch {
      // private window or full: the chat works without
    }
  },
};
const local = () => window.localStorage;
const perTab = () => window.sessionStorage;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function newId() {
  // crypto.randomUUID exists only on https pages; a commune may run on plain http in its own network
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

function isNewer(id, than) {
  const [a, b] = id.split("-").map(Number);
  const [c, d] = (than || "0-0").split("-").map(Number);
  return a > c || (a === c && b > d);
}

function waitFor(attempt, base) {
  return Math.min(LONGEST_WAIT_MS, base * 2 ** Math.min(attempt, 6)) * (0.8 + Math.random() * 0.4);
}

function httpsUrl(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A card's own address on this site; null for anything else. */
function cardPath(path) {
  return typeof path === "string" && path.startsWith("/card.pdf?") ? path : null;
}

function outsideLink(url, ...children) {
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/* ---- text of a message → DOM ---- */

function inline(line) {
  const parts = [];
  let done = 0;
  for (const match of line.matchAll(/https:\/\/[^\s<>"']+/g)) {
    const address = match[0].replace(/[.,;:!?)\]}»”…]+$/, "");
    const url = httpsUrl(address);
    if (!url) continue;
    parts.push(line.slice(done, match.index), outsideLink(url, address));
    done = match.index + address.length;
  }
  parts.push(line.slice(done));
  return parts.filter((part) => part !== "");
}

function blocks(text) {
  const out = [];
  let open = null; // the paragraph or list that the next line may join
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const bullet = /^\s*[-•]\s+(.*)$/.exec(line);
    const number = /^\s*(\d{1,3})[.)]\s+(.*)$/.exec(line);
    if (!line.trim()) {
      open = null;
    } else if (bullet) {
      if (!open || open.tagName !== "UL") out.push((open = make("ul")));
      open.append(make("li", {}, ...inline(bullet[1])));
    } else if (number) {
      if (!open || open.tagName !== "OL") out.push((open = make("ol", { start: number[1] })));
      open.append(make("li", {}, ...inline(number[2])));
    } else if (open && open.tagName !== "P" && /^\s{2,}/.test(line)) {
      open.lastChild.append(make("br"), ...inline(line.trim()));
    } else if (open && open.tagName === "P") {
      open.append(make("br"), ...inline(line));
    } else {
      out.push((open = make("p", {}, ...inline(line))));
    }
  }
  return out;
}

/* ---- the feed: server-sent events over fetch, because only fetch tells 401 from 503 and hears the pings ---- */

class Feed {
  constructor({ onEvent, onSynced, onState, onNoSession }) {
    Object.assign(this, { onEvent, onSynced, onState, onNoSession });
    this.lastId = "";
    this.open = false;
    this.attempt = 0;
    this.retry = 2000;
    this.stopped = false;
  }

  async run() {
    while (!this.stopped) {
      this.abort = new AbortController();
      try {
        await this.connect(this.abort);
      } catch {
        // torn, refused or silent: all the same, try again
      }
      clearTimeout(this.watchdog);
      this.open = false;
      if (this.stopped) return;
      if (!this.restarting) this.onState(false);
      await this.pause();
    }
  }

  async connect(abort) {
    this.stayAwake(abort);
    const headers = { Accept: "text/event-stream" };
    if (this.lastId) headers["Last-Event-ID"] = this.lastId;
    const response = await fetch(FEED_URL, { headers, cache: "no-store", signal: abort.signal });
    if (response.status === 401) {
      this.stopped = true;
      this.onNoSession();
      return;
    }
    const type = response.headers.get("Content-Type") || "";
    if (response.status !== 200 || !type.startsWith("text/event-stream")) throw new Error("no feed");
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let buffer = "";
    this.fields = {};
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.stayAwake(abort);
      buffer += decoder.decode(value, { stream: true });
      for (;;) {
        const end = /\r\n|\n|\r(?!$)/.exec(buffer); // a CR at the very end may be half of a CRLF
        if (!end) break;
        this.line(buffer.slice(0, end.index));
        buffer = buffer.slice(end.index + end[0].length);
      }
    }
  }

  line(line) {
    if (line === "") {
      const { id, event, data } = this.fields;
      this.fields = {};
      if (event === "synced") {
        this.open = true;
        this.attempt = 0;
        this.restarting = false;
        this.onState(true);
        this.onSynced();
      } else if (data !== undefined && id && isNewer(id, this.lastId)) {
        this.lastId = id;
        let message = null;
        try {
          message = JSON.parse(data);
        } catch {
          return; // not ours
        }
        this.onEvent(message, id);
      }
      return;
    }
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (name === "data") this.fields.data = this.fields.data === undefined ? value : `${this.fields.data}\n${value}`;
    else if (name === "id" || name === "event") this.fields[name] = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
  }

  stayAwake(abort) {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => abort.abort(), QUIET_MS);
  }

  pause() {
    const wait = this.restarting ? 0 : waitFor(this.attempt++, this.retry);
    return new Promise((go) => {
      const timer = setTimeout(go, wait);
      this.hurry = () => {
        clearTimeout(timer);
        go();
      };
    });
  }

  /** Do not wait for the next try. */
  kick() {
    if (!this.open && this.hurry) this.hurry();
  }

  /** The line seems dead: take a new one. */
  restart() {
    this.restarting = true;
    this.abort.abort();
    this.kick();
  }
}

/* ---- the component ---- */

class MotcuaChat extends HTMLElement {
  connectedCallback() {
    if (this.ready) return;
    this.ready = true;
    this.words = JSON.parse(this.dataset.words);
    this.max = Number(this.dataset.max) || 2000;
    this.ref = {};
    for (const node of this.querySelectorAll("[data-ref]")) this.ref[node.dataset.ref] = node;
    this.outbox = JSON.parse(storage.get(perTab, "motcua-outbox") || "[]");
    this.history = []; // what comes before the feed says that history is complete
    this.synced = false;
    this.sending = false;
    this.attempt = 0;
    this.asked = new Set(); // cids of this tab: their answers are scrolled to
    this.darkSystem = matchMedia("(prefers-color-scheme: dark)");
    this.listen();
    this.setLanguage(storage.get(local, "motcua-language") === "en" ? "en" : "vi");
    this.showPreferences();
    this.feed = new Feed({
      onEvent: (event) => (this.synced ? this.receive(event) : this.history.push(event)),
      onSynced: () => this.historyComplete(),
      onState: (open) => this.connection(open),
      onNoSession: () => this.freshSession(),
    });
    this.feed.run();
    this.outbox.forEach((item) => this.showPending(item));
    this.pump();
    this.fitInput();
    if (this.finePointer()) this.ref.input.focus();
  }

  listen() {
    const { ref } = this;
    ref.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    ref.input.addEventListener("keydown", (event) => {
      // keyCode 229: Vietnamese input methods on some browsers that do not set isComposing
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    });
    ref.input.addEventListener("input", () => this.fitInput());
    this.addEventListener("click", (event) => {
      const button = event.target.closest("[data-payload]");
      if (button) this.choose(button);
      else if (!event.target.closest(".menu, .menu-toggle")) this.openMenu(false);
    });
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || ref.menuToggle.getAttribute("aria-expanded") !== "true") return;
      this.openMenu(false);
      ref.menuToggle.focus();
    });
    ref.menuToggle.addEventListener("click", () =>
      this.openMenu(ref.menuToggle.getAttribute("aria-expanded") !== "true"),
    );
    ref.large.addEventListener("click", () => {
      this.keepEnd(() => storage.set(local, "motcua-large", this.prefer("large", "1")));
      this.showPreferences();
    });
    ref.dark.addEventListener("click", () => {
      const theme = this.isDark() ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      storage.set(local, "motcua-theme", theme);
      this.showPreferences();
    });
    this.darkSystem.addEventListener("change", () => this.showPreferences());
    ref.language.addEventListener("click", () => {
      this.setLanguage(this.language === "vi" ? "en" : "vi");
      storage.set(local, "motcua-language", this.language);
    });
    ref.erase.addEventListener("click", () => this.askErase());
    ref.eraseNo.addEventListener("click", () => ref.ask.close());
    ref.eraseYes.addEventListener("click", () => {
      ref.ask.close();
      this.enqueue("/xoa");
    });
    ref.retry.addEventListener("click", () => {
      ref.input.focus();
      this.pump();
    });
    ref.close.addEventListener("click", () => {
      this.alert("");
      ref.input.focus();
    });
    ref.newer.addEventListener("click", () => {
      this.scrollToEnd();
      ref.input.focus({ preventScroll: true });
    });
    document.addEventListener("scroll", () => this.nearEnd() && (ref.newer.hidden = true), { capture: true, passive: true });
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  /* -- words and preferences -- */

  t(key) {
    return this.words[this.language][key] || this.words.vi[key] || "";
  }

  setLanguage(language) {
    this.language = language;
    document.documentElement.lang = language;
    document.title = `${this.t("web_title")} · ${this.t("web_commune")}`;
    this.translate(this);
    this.ref.language.lang = language === "vi" ? "en" : "vi"; // it is named in the other language
    if (this.alertKey) this.ref.alert.textContent = this.t(this.alertKey);
    if (this.statusKey) this.ref.status.textContent = this.t(this.statusKey);
  }

  translate(root) {
    for (const node of root.querySelectorAll("[data-t]")) node.textContent = this.t(node.dataset.t);
    for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", this.t(node.dataset.tLabel));
    for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = this.t(node.dataset.tPlaceholder);
  }

  word(key, attributes = {}) {
    return make("span", { ...attributes, "data-t": key }, this.t(key));
  }

  prefer(name, value) {
    const { dataset } = document.documentElement;
    if (dataset[name]) delete dataset[name];
    else dataset[name] = value;
    return dataset[name] || null;
  }

  isDark() {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === "dark" : this.darkSystem.matches;
  }

  showPreferences() {
    this.ref.large.setAttribute("aria-pressed", String(Boolean(document.documentElement.dataset.large)));
    this.ref.dark.setAttribute("aria-pressed", String(this.isDark()));
    this.fitInput();
  }

  openMenu(open) {
    this.ref.menu.classList.toggle("is-open", open);
    this.ref.menuToggle.setAttribute("aria-expanded", String(open));
  }

  askErase() {
    this.openMenu(false);
    if (this.ref.ask.showModal) this.ref.ask.showModal();
    else if (window.confirm(this.t("web_erase_question"))) this.enqueue("/xoa");
  }

  finePointer() {
    return matchMedia("(hover: hover) and (pointer: fine)").matches;
  }

  /* -- up: the outbox holds what is not answered yet, also over a reload -- */

  submit() {
    const text = this.ref.input.value.trim();
    if (!text) return;
    if (Array.from(text).length > this.max) {
      this.alert("web_error_too_long");
      return;
    }
    this.ref.input.value = "";
    this.fitInput();
    this.enqueue(text);
  }

  choose(button) {
    if (this.ref.welcome.contains(button)) {
      // the tile is about to vanish; on a phone the keyboard must not pop up, so the conversation takes the focus
      const next = this.finePointer() ? this.ref.input : this.ref.log;
      if (next === this.ref.log) next.tabIndex = -1;
      next.focus({ preventScroll: true });
    }
    this.enqueue(button.textContent.trim(), button.dataset.payload);
  }

  enqueue(text, payload = "") {
    const item = { cid: newId(), text, payload };
    this.asked.add(item.cid);
    this.outbox.push(item);
    this.saveOutbox();
    this.showPending(item);
    this.showWelcome();
    this.scrollToEnd();
    this.pump();
  }

  saveOutbox() {
    storage.set(perTab, "motcua-outbox", this.outbox.length ? JSON.stringify(this.outbox) : null);
  }

  hurry() {
    if (this.feed) this.feed.kick();
    if (this.timer) this.pump();
  }

  async pump() {
    clearTimeout(this.timer);
    this.timer = 0;
    const item = this.outbox[0];
    if (this.sending || !item) return;
    this.sending = true;
    this.showBusy();
    const abort = new AbortController();
    const deadline = setTimeout(() => abort.abort(), POST_TIMEOUT_MS);
    let response = null;
    let answer = {};
    try {
      response = await fetch(POST_URL, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ cid: item.cid, text: item.text, payload: item.payload || undefined }),
        signal: abort.signal,
      });
      answer = await response.json();
    } catch {
      // no network, torn, or not JSON
    }
    clearTimeout(deadline);
    this.sending = false;
    this.outcome(item, response, answer || {});
  }

  outcome(item, response, answer) {
    const status = response ? response.status : 0;
    if (status === 202 && answer.last) {
      this.alert("");
      this.settle(item.cid);
      this.pump();
      this.expect(answer.last);
    } else if (!this.outbox.includes(item)) {
      this.pump(); // the feed brought the answer although the POST seemed to fail
    } else if (status === 401) {
      this.freshSession();
    } else if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      this.giveBack(item);
      this.alert(answer.code === "too_long" ? "web_error_too_long" : "web_error_rejected");
      this.pump();
    } else {
      this.postpone(item, status, response);
    }
    this.showBusy();
  }

  postpone(item, status, response) {
    const node = this.pendingNode(item.cid);
    if (node) this.keepEnd(() => node.classList.add("is-unsent"));
    this.alert(status === 429 ? "web_error_too_fast" : status >= 500 ? "web_error_server" : "web_error_send", true);
    if (status === 500) return; // a fault of ours: only the citizen tries again
    const asked = Number(response && response.headers.get("Retry-After")) * 1000 || 0;
    this.timer = setTimeout(() => this.pump(), Math.max(asked, waitFor(this.attempt++, 2000)));
  }

  /** The message needs no more sending. */
  settle(cid) {
    const head = this.outbox[0] && this.outbox[0].cid === cid;
    this.outbox = this.outbox.filter((item) => item.cid !== cid);
    this.saveOutbox();
    if (!head) return;
    this.attempt = 0;
    this.alert("");
    this.pump();
  }

  giveBack(item) {
    this.outbox = this.outbox.filter((other) => other !== item);
    this.saveOutbox();
    const node = this.pendingNode(item.cid);
    if (node) node.remove();
    if (!item.payload && !this.ref.input.value) this.ref.input.value = item.text;
    this.fitInput();
    this.showWelcome();
  }

  expect(lastId) {
    clearTimeout(this.late);
    if (!isNewer(lastId, this.feed.lastId)) return;
    this.feed.kick();
    this.late = setTimeout(() => isNewer(lastId, this.feed.lastId) && this.feed.restart(), ANSWER_LATE_MS);
  }

  freshSession() {
    const before = Number(storage.get(perTab, "motcua-reloaded")) || 0;
    if (Date.now() - before < RELOAD_ONCE_MS) {
      this.status("");
      this.alert("web_error_session");
      return;
    }
    storage.set(perTab, "motcua-reloaded", String(Date.now()));
    location.reload();
  }

  /* -- down -- */

  connection(open) {
    if (!open && !this.lost) {
      this.lost = true;
      this.showBusy();
    } else if (open && this.lost) {
      this.lost = false;
      this.status("web_status_back");
      setTimeout(() => this.statusKey === "web_status_back" && this.showBusy(), 4000);
      if (this.timer) this.pump();
    }
  }

  historyComplete() {
    if (this.synced) return;
    this.history.forEach((event) => this.receive(event, true));
    this.history = [];
    this.showWelcome();
    if (this.ref.welcome.hidden) this.scrollToEnd();
    this.openScanned();
    // the log starts silent, so that a reload does not read the whole past aloud
    requestAnimationFrame(() => {
      this.synced = true;
      this.history.splice(0).forEach((event) => this.receive(event));
      this.showWelcome();
      this.ref.log.setAttribute("aria-live", "polite");
    });
  }

  /** A scanned card: /?open=PAYLOAD is pressed once. What a link must not press is left alone. */
  openScanned() {
    const payload = new URLSearchParams(location.search).get("open") || "";
    if (!location.search) return;
    history.replaceState(null, "", location.pathname);
    if (OPENS.test(payload)) this.enqueue(this.t("web_open"), payload);
  }

  receive(event, past = false) {
    const follow = this.nearEnd() || this.asked.has(event.cid);
    if (event.erased) {
      this.ref.log.textContent = "";
      this.erased = true;
    } else {
      this.erased = false;
    }
    const waiting = this.pendingNode(event.cid);
    if (waiting) waiting.remove();
    if (event.sender === "assistant") this.settle(event.cid);
    const node = this.message(event, past);
    this.ref.log.append(node);
    this.ref.log.tabIndex = 0;
    if (past) return;
    this.showWelcome();
    this.showBusy();
    if (follow) this.scrollToMessage(node);
    else this.ref.newer.hidden = false;
  }

  message(event, past = false) {
    const own = event.sender === "citizen";
    const article = make("article", { class: `message ${own ? "own" : "theirs"}${past ? "" : " is-new"}`, lang: event.language || "vi" });
    const meta = make("p", { class: "meta", lang: this.language });
    meta.append(this.word(own ? "web_sender_citizen" : "web_sender_assistant", own ? { class: "hidden-text" } : {}));
    if (event.at) meta.append(make("span", { class: "comma" }, ", "), this.time(event.at));
    const bubble = make("div", { class: "bubble" }, ...(own ? [make("p", {}, event.text)] : blocks(event.text)));
    article.append(meta, bubble);
    const links = (event.links || []).map((link) => [link.label, httpsUrl(link.url)]).filter(([, url]) => url);
    if (links.length) {
      const group = make("div", { class: "links", role: "group", "data-t-label": "web_links_label" });
      for (const [label, url] of links) {
        const link = outsideLink(url, make("span", {}, label), make("span", { "aria-hidden": "true", class: "arrow" }, "↗"));
        link.className = "link-button";
        link.append(make("span", { class: "hidden-text" }, " (", this.word("web_new_tab"), ")"));
        group.append(link);
      }
      article.append(group);
    }
    const card = cardPath(event.card);
    if (card) {
      const link = outsideLink(card, this.word("web_card"), make("span", { "aria-hidden": "true", class: "arrow" }, "↓"));
      link.className = "link-button";
      link.append(make("span", { class: "hidden-text" }, " (", this.word("web_new_tab"), ")"));
      article.append(make("div", { class: "links" }, link));
    }
    if (event.choices && event.choices.length) {
      const group = make("div", { class: "choices", role: "group", "data-t-label": "web_choices_label" });
      for (const { label, payload } of event.choices) {
        group.append(make("button", { type: "button", class: "choice", "data-payload": payload }, label));
      }
      article.append(group);
    }
    this.translate(article);
    return article;
  }

  time(at) {
    const date = new Date(at);
    const today = date.toDateString() === new Date().toDateString();
    const day = today ? {} : { day: "2-digit", month: "2-digit" };
    const text = date.toLocaleString("vi-VN", { hour: "2-digit", minute: "2-digit", ...day });
    return make("time", { datetime: at }, text);
  }

  showPending(item) {
    const node = make("div", { class: "message own", "data-cid": item.cid });
    node.append(
      make("div", { class: "bubble" }, make("p", {}, item.text === "/xoa" ? this.t("web_erase") : item.text)),
      this.word("web_unsent", { class: "unsent" }),
    );
    this.ref.pending.append(node);
  }

  pendingNode(cid) {
    return Array.from(this.ref.pending.children).find((node) => node.dataset.cid === cid);
  }

  /* -- what is shown around the conversation -- */

  showWelcome() {
    const empty = !this.ref.log.childElementCount && !this.ref.pending.childElementCount;
    this.ref.welcome.hidden = !(empty || (this.erased && !this.ref.pending.childElementCount));
    this.ref.welcome.classList.toggle("is-short", !empty);
  }

  showBusy() {
    if (this.lost) this.status("web_status_lost");
    else this.status(this.sending ? "web_status_typing" : "");
  }

  status(key) {
    this.classList.toggle("is-typing", key === "web_status_typing");
    this.classList.toggle("is-lost", key === "web_status_lost");
    if (this.statusKey === key) return;
    this.statusKey = key;
    this.keepEnd(() => (this.ref.status.textContent = key ? this.t(key) : ""));
  }

  /** Say what went wrong; the same words are not read aloud again at every try. */
  alert(key, retry = false) {
    const { ref } = this;
    if (ref.noticeButtons.contains(document.activeElement) && !key) ref.input.focus({ preventScroll: true });
    this.keepEnd(() => {
      if (this.alertKey !== key) ref.alert.textContent = key ? this.t(key) : "";
      this.alertKey = key;
      ref.notice.classList.toggle("is-open", Boolean(key));
      ref.noticeButtons.hidden = !key;
      ref.retry.hidden = !retry;
      ref.close.hidden = retry;
    });
    if (!key) for (const node of ref.pending.children) node.classList.remove("is-unsent");
  }

  fitInput() {
    const { input, count } = this.ref;
    this.keepEnd(() => {
      input.style.height = "auto";
      input.style.height = `${input.scrollHeight + input.offsetHeight - input.clientHeight}px`;
    });
    const length = Array.from(input.value).length;
    count.hidden = length < this.max * 0.8;
    count.textContent = `${length}/${this.max}`;
    count.classList.toggle("is-over", length > this.max);
  }

  /* -- scrolling: on a low screen the whole page scrolls, otherwise only the conversation -- */

  scroller() {
    const { scroll } = this.ref;
    return getComputedStyle(scroll).overflowY === "visible" ? document.scrollingElement : scroll;
  }

  nearEnd() {
    const box = this.scroller();
    return box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  }

  /** Make room below without losing the end of the conversation. */
  keepEnd(change) {
    const atEnd = this.ref.welcome.hidden && this.nearEnd();
    change();
    if (atEnd) this.scrollToEnd();
  }

  scrollToEnd() {
    const box = this.scroller();
    box.scrollTop = box.scrollHeight;
    this.ref.newer.hidden = true;
  }

  /** A long answer is read from its beginning. */
  scrollToMessage(node) {
    this.scrollToEnd();
    const box = this.scroller();
    const top = box === this.ref.scroll ? box.getBoundingClientRect().top : 0;
    const question = node.previousElementSibling;
    const both = question && question.offsetHeight < box.clientHeight / 4;
    const above = top + 12 - (both ? question : node).getBoundingClientRect().top;
    if (above > 0) box.scrollTop -= above;
  }
}

customElements.define("motcua-chat", MotcuaChat);
