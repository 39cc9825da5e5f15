"""The web chat over a Redis Cluster: two web servers, and a page that must be woken by what the other one wrote."""

from collections.abc import Callable

import httpx2
import pytest

from bot.channels.web import COOKIE
from tests.contract.test_web_http import Stream, send, until
from tests.redis_servers import Cluster
from tests.web_rig import web_rig

pytestmark = pytest.mark.timeout(60)


def test_a_page_is_woken_over_the_cluster_and_again_after_a_node_died(
    redis_cluster: Cluster, free_ports: Callable[[], int]
) -> None:
    def listeners() -> list[int]:
        """The nodes that a web server listens on."""
        return [n for n, node in enumerate(redis_cluster.nodes) if node.client().client_list("pubsub")]

    url = redis_cluster.url
    with web_rig(url, free_ports()) as here, web_rig(url, free_ports()) as there:
        cookies = {COOKIE: httpx2.get(here.url).cookies[COOKIE]}
        with httpx2.Client(base_url=there.url, cookies=cookies, timeout=20) as browser:
            stream = Stream(here, cookies[COOKIE])
            until(lambda: stream.synced)
            assert send(browser, "chào").status_code == 200
            until(lambda: len(stream.events) == 2, seconds=5)  # well before the next ping
            for number in listeners():
                redis_cluster.fail(number)
            until(lambda: bool(listeners()))
            until(lambda: send(browser, "còn đó không").status_code == 200)
            until(lambda: len(stream.events) == 4, seconds=5)
            stream.close()
        for node in redis_cluster.nodes:
            assert all(node.client().ttl(key) > 0 for key in node.client().scan_iter())
            assert node.client().dbsize()
