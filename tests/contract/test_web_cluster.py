"""The web chat over a Redis Cluster: the server listens on one node, the conversation lies on another."""

import httpx2
import pytest

from bot.channels.web import COOKIE
from tests.contract.test_web_http import Stream, cid, send, until
from tests.redis_servers import Cluster
from tests.web_rig import web_rig

pytestmark = pytest.mark.timeout(60)


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
