"""The web chat over a Redis Cluster: the server listens on one node, the conversation lies on another."""

from pathlib import Path

import httpx2

from bot.channels.web import COOKIE
from bot.store.keys import SESSION, conversation_key
from tests.contract.test_web_http import Stream, cid, send, until
from tests.redis_guard import Guard
from tests.redis_servers import Cluster, cluster
from tests.web_rig import web_rig


def test_a_page_is_woken_over_the_cluster_and_again_after_a_node_died(redis_cluster: Cluster, free_port: int) -> None:
    def listeners() -> list[int]:
        return [n for n, node in enumerate(redis_cluster.nodes) if node.client().client_list("pubsub")]

    with web_rig(redis_cluster.url, free_port) as rig:
        with httpx2.Client(base_url=rig.url, timeout=20) as browser:
            browser.get("/")
            stream = Stream(rig, browser.cookies[COOKIE])
            until(lambda: stream.synced)
            assert send(browser, "chào").status_code == 202
            until(lambda: len(stream.events) == 2, seconds=5)  # well before the next ping
            (listener,) = listeners()
            redis_cluster.fail(number=listener)
            until(lambda: len(listeners()) == 1)
            if stream.ended.is_set():  # it looked again while the cluster was away; a page then connects anew
                stream = Stream(rig, browser.cookies[COOKIE])
            until(lambda: stream.synced)
            again = cid()  # the page says the same one again until it is taken
            until(lambda: send(browser, "còn đó không", id=again).status_code == 202)
            until(lambda: len(stream.events) == 4, seconds=5)
            stream.close()
        ages = [node.client().ttl(key) for node in redis_cluster.nodes for key in node.client().scan_iter()]
        assert ages and min(ages) > 0


def test_a_conversation_goes_on_where_its_node_was_replaced(guard: Guard, free_port: int, tmp_path: Path) -> None:
    """Its master dies and its replica takes over: the page brings what it said until that is taken, and nothing is missing."""
    with (
        cluster(tmp_path, guard, replicas=True) as servers,
        web_rig(servers.url, free_port) as rig,
        httpx2.Client(base_url=rig.url, timeout=20) as browser,
    ):
        browser.get("/")
        sid = browser.cookies[COOKIE]
        assert send(browser, "chào").status_code == 202
        servers.fail(number=servers.nodes.index(servers.with_key(conversation_key(SESSION, "web", sid))))
        again = cid()
        until(lambda: send(browser, "còn đó không", id=again).status_code == 202)
        stream = Stream(rig, sid)
        until(lambda: len(stream.events) == 4)
        assert rig.pipeline.texts() == ["chào", "còn đó không"]
        stream.close()
