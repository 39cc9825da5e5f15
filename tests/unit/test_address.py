"""REDIS_URL: what can be written, and what is said when something else is."""

import pytest

from bot.errors import WrongAddress
from bot.store.address import read


def test_every_form_is_read() -> None:
    single = read("redis://u:p%40ss@máy:7000/3?health_check_interval=5")
    assert (single.kind, single.nodes) == ("single", (("máy", 7000),))
    assert single.options == {"username": "u", "password": "p@ss", "db": 3, "health_check_interval": 5.0}
    assert read("unix:///run/redis.sock?db=2").options == {"path": "/run/redis.sock", "db": 2}

    watched = read("redis+sentinel://:secret@a:1,[::1]:2,c/xa/4")
    assert (watched.kind, watched.name) == ("sentinel", "xa")
    assert watched.nodes == (("a", 1), ("::1", 2), ("c", 26379))
    assert watched.options == {"password": "secret", "db": 4} and watched.asking == {}
    asked = read("redis+sentinel://:secret@a/xa?socket_timeout=4&sentinel_password=c%E1%BB%A7a%26b&sentinel_username=s")
    assert asked.options == {"password": "secret", "socket_timeout": 4.0}
    assert asked.asking == {"username": "s", "password": "của&b"}

    cluster = read("rediss+cluster://a:1,b/?ssl_ca_certs=/etc/ca.pem")
    assert (cluster.kind, cluster.nodes) == ("cluster", (("a", 1), ("b", 6379)))
    assert cluster.options == {"ssl": True, "ssl_ca_certs": "/etc/ca.pem"}


@pytest.mark.parametrize(
    ("url", "vi", "en"),
    [
        ("localhost:6379", "không rõ loại máy chủ", "no known kind of server"),
        ("http://:geheim@a", "không rõ loại máy chủ", "no known kind of server"),
        ("redis+swarm://:geheim@a", "không rõ loại máy chủ", "no known kind of server"),
        ("redis://:geheim@a:port", "cổng hay tùy chọn", "a port or an option"),
        ("redis://a:1/0?sokcet_timeout=3&password=geheim", "cổng hay tùy chọn", "a port or an option"),
        ("redis://a:1/0?sentinel_password=geheim", "cổng hay tùy chọn", "a port or an option"),
        ("redis://:ge/heim@a:1", "số cơ sở dữ liệu", "the database"),
        ("redis://a:1/geheim", "số cơ sở dữ liệu", "the database"),
        ("redis://a,b", "nhiều máy", "several hosts"),
        ("redis://[::1", "không đọc được tên máy", "no host can be read"),
        ("redis+sentinel://:geheim@a:1,b:2", "thiếu tên nhóm", "the master is missing"),
        ("redis+sentinel://:geheim@a:1,:2/xa", "thiếu tên máy", "a host is missing"),
        ("redis+cluster:///", "thiếu tên máy", "a host is missing"),
        ("redis+cluster://a:1/1", "cơ sở dữ liệu 0", "database 0"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(url: str, vi: str, en: str) -> None:
    with pytest.raises(WrongAddress) as caught:
        read(url)
    said = str(caught.value)
    assert vi in said and en in said and "redis+sentinel://" in said
    assert "geheim" not in said  # it may be the password
