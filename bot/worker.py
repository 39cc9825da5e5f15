"""A worker: takes conversations that have mail, answers them one message after the other, and tells the citizens.

Any number may run, in one process or on many machines; the mailboxes see to it that a conversation has one at a time.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import structlog

from bot.channels.base import Channel, cut
from bot.errors import ChannelError, NeedsAdmin, StoreUnavailable, where
from bot.mail import incoming_of, item_of, read_item
from bot.messages import Incoming, Language, Reply, Session
from bot.metrics import Tally
from bot.pipeline import Turn, chosen
from bot.store.mailbox import Answer, Lease, LeaseLost, Mailboxes, Next, Tell, Word
from bot.store.pace import Pace
from bot.store.presence import Presence, Troubles

log = structlog.get_logger()

# conversations that one worker has in hand: with more of them in a burst, what a platform answers is noted later
AT_ONCE = 8
ASIDE = 1.0  # seconds after which a send that is not answered takes no hand any more: it only waits
TRIES = 5  # of a message before it is set aside; a worker that is killed meanwhile counts as one
SENDS = 12  # of a reply before it is given up: with the pauses below, most of a day
PATIENCE = 0.5  # seconds that a worker waits for a permit itself; for longer the conversation is parked
LONGEST_PAUSE = 4 * 3600.0
LISTEN = timedelta(seconds=1)
TOGETHER = 16  # words that are ticked off in one trip, or those of a second
AFTER_OUTAGE = 1.0
NOTE_AGAIN = 0.2


class Pipeline(Protocol):
    async def take_turn(self, incoming: Incoming, session: Session) -> tuple[Turn, Session]: ...
    def wording(self, language: Language) -> Mapping[str, str]: ...


class Worker:
    """`name` must be unique among the workers that run."""

    def __init__(
        self,
        name: str,
        *,
        mailboxes: Mailboxes,
        presence: Presence,
        pipeline: Pipeline,
        channels: Mapping[str, Channel],
        pace: Pace,
        troubles: Troubles,
        staff_seconds: float = 3600.0,
        tally: Tally | None = None,
    ) -> None:
        self._name = name
        self._mailboxes = mailboxes
        self._presence = presence
        self._pipeline = pipeline
        self._channels = channels
        self._pace = pace
        self._troubles = troubles
        self._staff_seconds = staff_seconds
        self._tally = tally or Tally()
        self._hands: set[asyncio.Task[None]] = set()
        self._aside: set[asyncio.Task[None]] = set()
        self._done: list[Word] = []
        self._outage: StoreUnavailable | None = None  # met by a hand
        self._told: set[tuple[str, str, str]] = set()  # what platforms have, and Redis was away too long to hear of it

    async def run(self) -> None:
        """Until cancelled; then the turns in hand are finished first."""
        try:
            while True:
                try:
                    await self._mailboxes.open(self._name)
                    await self._take_up(await self._mailboxes.unfinished())
                    await self._listen()
                except StoreUnavailable as error:
                    log.warning("worker.store_unavailable", error=str(error))
                    await asyncio.sleep(AFTER_OUTAGE)
                    if self._hands:  # not gather: who is told to stop here would cut off what is being sent
                        await asyncio.wait(self._hands)
                    self._outage = None
        finally:
            await asyncio.shield(self._finish())

    async def _finish(self) -> None:
        await asyncio.gather(*self._hands, return_exceptions=True)
        with suppress(StoreUnavailable):
            await self._tick_off()
            await self._presence.leave(self._name)

    async def _listen(self) -> None:
        look = 0.0
        while True:
            if self._outage:  # a lease may be held that nobody knows of: begin anew, which gives it up
                raise self._outage
            free = await self._free_hands()
            words: list[Word] = []
            if len(self._done) >= TOGETHER:
                await self._tick_off()
            if (now := asyncio.get_running_loop().time()) >= look:
                look = now + LISTEN.total_seconds()
                await self._tick_off()
                await self._presence.sign(self._name)
                await self._mailboxes.wake()
                words = await self._mailboxes.orphans(most=free)
            await self._take_up(words or await self._mailboxes.words(most=free, wait=LISTEN))

    async def _take_up(self, words: Sequence[Word]) -> None:
        for word in words:
            await self._free_hands()
            task = asyncio.create_task(self._attend(word))
            self._hands.add(task)
            task.add_done_callback(self._hands.discard)

    async def _free_hands(self) -> int:
        """How many conversations more may be taken in hand; waits until there is one."""
        while len(busy := self._hands - self._aside) >= AT_ONCE:
            await asyncio.wait(busy, timeout=ASIDE, return_when=asyncio.FIRST_COMPLETED)
        return AT_ONCE - len(busy)

    async def _tick_off(self) -> None:
        """Many words in one trip: until then they only cost a look, should this worker die."""
        done, self._done = self._done, []
        if done:
            await self._mailboxes.done(*done)

    async def _attend(self, word: Word) -> None:
        """Everything that one conversation needs now. What is left undone by an error is taken up again later."""
        try:
            taken = await self._mailboxes.take(word)
            if taken is not None:
                lease, due = taken
                async with self._held(lease):
                    await self._serve(lease, due)
            elif word.again:  # who has the lease may be as dead as the one who was told before
                return
            self._done.append(word)
        except LeaseLost:
            log.warning("worker.lease_lost", channel=word.channel)
        except StoreUnavailable as error:
            self._outage = error
        except Exception as error:  # a task's error would be seen by nobody
            log.error("worker.failed", error=type(error).__name__, where=where(error))

    @asynccontextmanager
    async def _held(self, lease: Lease) -> AsyncIterator[None]:
        """Keeps the lease while the block runs, however long the platform takes."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(self._mailboxes.lease_seconds / 3)
                with suppress(StoreUnavailable):  # it may be back before the lease ends
                    if not await self._mailboxes.renew(lease):
                        return

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _serve(self, lease: Lease, due: Next) -> None:
        while due is not None:
            due = await (self._tell(lease, due.item) if isinstance(due, Tell) else self._answer(lease, due))

    # -- answering -------------------------------------------------------------------------------------------------

    async def _answer(self, lease: Lease, due: Answer) -> Next:
        incoming, session = incoming_of(due.message), due.session
        language: Language = session.language or "vi"
        with self._put_aside():
            await self._channels[lease.channel].notice(incoming)
        if incoming.kind == "left":
            return await self._mailboxes.commit(lease, due.message, None, [])
        if incoming.kind == "staff":
            # what was offered before is no longer the last thing that the citizen read
            silent = replace(session, silent_until=incoming.at + self._staff_seconds, offered=())
            return await self._mailboxes.commit(lease, due.message, silent, [])
        if session.silent_until > incoming.at and not _asks_us(incoming, session):
            return await self._mailboxes.commit(lease, due.message, session, [])  # a person answers this
        if due.tries > TRIES:
            await self._mailboxes.set_aside(lease, {"message": incoming.message_id, "kind": incoming.kind})
            sorry = Reply(self._pipeline.wording(language)["failed"], language)
            return await self._mailboxes.commit(lease, due.message, session, self._to_send(lease, incoming, sorry))
        try:
            turn, after = await self._pipeline.take_turn(incoming, session)
        except Exception as error:
            # the type and the place only: the message of an error may hold what the citizen wrote
            log.error("worker.turn_failed", error=type(error).__name__, where=where(error), tries=due.tries)
            return await self._mailboxes.look(lease)
        kept = None if turn.forgets else after
        return await self._mailboxes.commit(lease, due.message, kept, self._to_send(lease, incoming, turn.reply))

    def _to_send(self, lease: Lease, incoming: Incoming, reply: Reply) -> list[str]:
        hint = self._pipeline.wording(reply.language)["choose_by_number"]
        parts = cut(reply, self._channels[lease.channel].limits, number_hint=hint)
        return [item_of(f"{incoming.message_id}.{number}", part, incoming.at) for number, part in enumerate(parts)]

    # -- telling ---------------------------------------------------------------------------------------------------

    async def _tell(self, lease: Lease, item: str) -> Next:
        """Tell one part; when the platform wants us to wait, the conversation is parked, and nothing is next."""
        channel = self._channels[lease.channel]
        name, part, tries, asked = read_item(item)
        if (told := (lease.channel, lease.conversation, name)) in self._told:
            return await self._noted(lease, item, told)
        if pause := await self._permit(channel, lease):
            await self._mailboxes.park(lease, pause)
            return None
        if time.time() - asked > channel.limits.late:
            log.warning("worker.too_late", channel=lease.channel)
            self._tally.add("motcua_sends", channel.name, "given_up")
            return await self._noted(lease, item, told)
        try:
            with self._put_aside():
                await channel.send(lease.conversation, part)
        except Exception as error:  # one that we did not foresee must not block the conversation for ever
            refused = error if isinstance(error, ChannelError) else ChannelError(type(error).__name__, permanent=False)
            log.warning("worker.not_sent", channel=lease.channel, error=str(refused), permanent=refused.permanent)
            if isinstance(refused, NeedsAdmin):
                await self._troubles.note(lease.channel, str(refused))
            if refused.retry_after:  # not the message's fault: it does not count as a try
                tries -= 1
            if not refused.permanent and tries + 1 < SENDS:
                self._tally.add("motcua_sends", channel.name, "later")
                pause = refused.retry_after or _back_off(tries)
                await self._mailboxes.park(lease, pause, item=item, instead=item_of(name, part, asked, tries + 1))
                return None
            self._tally.add("motcua_sends", channel.name, "given_up")
        else:
            self._tally.add("motcua_sends", channel.name, "taken")
        return await self._noted(lease, item, told)

    @contextmanager
    def _put_aside(self) -> Iterator[None]:
        """Give the hand back when the block takes long."""
        task: Any = asyncio.current_task()
        later = asyncio.get_running_loop().call_later(ASIDE, self._aside.add, task)
        try:
            yield
        finally:
            later.cancel()
            self._aside.discard(task)

    async def _noted(self, lease: Lease, item: str, told: tuple[str, str, str]) -> Next:
        """What the platform has must be noted, else it is told again: while the lease lasts, Redis may go and come back."""
        end = asyncio.get_running_loop().time() + self._mailboxes.lease_seconds
        self._told.add(told)
        while True:
            try:
                due = await self._mailboxes.sent(lease, item)
                self._told.discard(told)
                return due
            except StoreUnavailable:
                if asyncio.get_running_loop().time() > end:
                    raise
            await asyncio.sleep(NOTE_AGAIN)

    async def _permit(self, channel: Channel, lease: Lease) -> float:
        """Wait for the platform's limits; the seconds to wait when they are too many to wait here."""
        for rule in channel.rules:
            name = f"{channel.name}:{lease.conversation}" if rule.each else channel.name
            while wait := await self._pace.permit(name, seconds=rule.seconds, burst=rule.burst):
                if wait > PATIENCE:
                    return wait
                await asyncio.sleep(wait)
        return 0.0


def _asks_us(incoming: Incoming, session: Session) -> bool:
    """Said while an officer talks with them: a button, a command, or a line of what we offered since."""
    if incoming.payload or incoming.text.startswith("/"):
        return True
    return bool(session.offered and chosen(incoming.text, session.offered))


def _back_off(tries: int) -> float:
    """Seconds before the next try: about 1, 4, 16 … with jitter, so that many do not come back at once."""
    return min(LONGEST_PAUSE, 4.0**tries) * random.uniform(0.75, 1.25)
