"""A Redis that cannot be used: doctor, /readyz and the logs say in words what to do, and nobody sees a traceback."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from bot import doctor
from bot.processes import free_port
from bot.settings import Settings
from bot.store import rights
from tests.channels.rig import ROOT
from tests.redis_guard import PASSWORD, Certificate, Guard, issue
from tests.redis_servers import HOST, Durable, Server, cluster, durable, running, url_of, wait, watched
from tests.web_process import web_process

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def server(tmp_path: Path, guard: Guard) -> Iterator[Server]:
    """Over TLS, with a user that has the rights it needs."""
    with durable(tmp_path / "guarded", guard) as made:
        yield made.server


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Server]:
    with durable(tmp_path / "plain") as made:
        yield made.server


def url(server: Server) -> str:
    return Durable(server).url


def said(redis_url: str) -> str:
    """What doctor says of this Redis."""
    return str(doctor.redis(Settings(_env_file=None, root=ROOT, REDIS_URL=redis_url), 0))


def now_shows(server: Server, certificate: Certificate) -> str:
    """The server takes another certificate while it runs; the URL with that one's authority."""
    server.ask("CONFIG SET", "tls-cert-file", str(certificate.server), "tls-key-file", str(certificate.key))
    return re.sub("ssl_ca_certs=.*", f"ssl_ca_certs={certificate.authority}", url(server))


def test_a_good_one_is_called_good(server: Server, plain: Server) -> None:
    for redis_url in (url(server), url(plain)):
        assert said(redis_url).startswith("OK  Redis ")


def test_what_certificates_may_lack(server: Server, tmp_path: Path) -> None:
    good = url(server)
    foreign = issue(tmp_path / "foreign", HOST)
    here = f"{HOST}:{server.port}: "
    for trusted in (f"?ssl_ca_certs={foreign.authority}", ""):
        assert f"{here}chứng chỉ của Redis do nơi lạ cấp → thêm ?ssl_ca_certs=" in said(good.split("?")[0] + trusted)
    assert "không có tệp mà REDIS_URL nói đến → " in said(good + ".not")
    assert "tệp chứng chỉ trong REDIS_URL không đọc được → " in said(good.split("?")[0] + f"?ssl_ca_certs={__file__}")
    expired = now_shows(server, issue(tmp_path / "expired", HOST, expired=True))
    assert f"{here}chứng chỉ của Redis đã hết hạn → cấp chứng chỉ mới" in said(expired)


def test_a_certificate_of_another_name(server: Server, tmp_path: Path) -> None:
    assert "không mang tên hay địa chỉ đang dùng" in said(now_shows(server, issue(tmp_path / "o", "redis.example")))


def test_one_that_wants_a_certificate_of_ours(server: Server, tmp_path: Path) -> None:
    ours = issue(tmp_path / "ours", "motcua")
    server.ask("CONFIG SET", "tls-ca-cert-file", str(ours.authority), "tls-auth-clients", "yes")
    assert "?ssl_certfile=…&ssl_keyfile=…" in said(url(server))
    assert said(f"{url(server)}&ssl_certfile={ours.server}&ssl_keyfile={ours.key}").startswith("OK")


def test_tls_and_no_tls_are_told_apart(server: Server, plain: Server) -> None:
    assert "không dùng TLS thì viết redis:// thay cho rediss://" in said(url(plain).replace("redis:", "rediss:"))
    assert "dùng TLS thì viết rediss://" in said(url(server).replace("rediss:", "redis:").split("?")[0])


def test_wrong_passwords(server: Server, plain: Server) -> None:
    for wrong in (url(server).replace("motcua:", "motcua:x"), re.sub("//.*@", "//", url(server))):
        assert "sai tên hay mật khẩu → sửa tên:mật-khẩu@ trong REDIS_URL" in said(wrong)
        assert PASSWORD not in said(wrong)


def test_rights_that_are_missing_are_named(server: Server) -> None:
    server.ask("ACL SETUSER", "motcua", "-xadd", "-xgroup|create", "-publish")
    finding = said(url(server))
    assert "thiếu quyền / the Redis user lacks rights: publish, xadd, xgroup|create" in finding
    server.ask("ACL SETUSER", "motcua", *finding.partition("ACL SETUSER TÊN/NAME ")[2].split())
    assert said(url(server)).startswith("OK")
    server.ask("ACL SETUSER", "motcua", "resetchannels")
    assert "lacks rights: psubscribe, publish" in said(url(server))
    server.ask("ACL SETUSER", "motcua", "resetkeys", "~other:*")
    assert "người dùng Redis thiếu quyền → motcua doctor kể quyền thiếu; mọi quyền cần có ở docs/van-hanh.md" in said(
        url(server)
    )


def test_rights_in_the_documentation_are_those_the_tests_run_with() -> None:
    assert f"ACL SETUSER motcua on >MẬT-KHẨU {rights.RULES}\n" in (DOCS / "van-hanh.md").read_text("utf-8")


def test_one_that_cannot_be_written_to(plain: Server, tmp_path: Path) -> None:
    plain.ask("CONFIG SET", "maxmemory", 1)
    assert "Redis đầy bộ nhớ → nâng maxmemory" in said(url(plain))
    plain.ask("CONFIG SET", "maxmemory", "0", "min-replicas-to-write", 1)
    assert "không còn đủ máy phụ theo kịp (min-replicas-to-write) → " in said(url(plain))
    plain.ask("CONFIG SET", "min-replicas-to-write", 0, "repl-diskless-sync-delay", 0)
    replica = Server(tmp_path / "replica", {"save": '""', "replicaof": f"{HOST} {plain.port}"})
    with running(replica):
        wait(lambda: replica.client().info("replication")["master_link_status"] == "up")
        assert "đây là máy phụ, chỉ đọc → ghi máy chính vào REDIS_URL" in said(url(replica))


def test_another_kind_of_server_than_the_url_says(plain: Server) -> None:
    assert "không thuộc cụm nào → viết redis://" in said(url_of(None, "+cluster", [plain]))
    assert "không phải của Sentinel → ghi cổng của Sentinel" in said(url_of(None, "+sentinel", [plain], "/xa"))
    assert "không ai nghe ở cổng ấy → bật Redis" in said(f"redis://{HOST}:{free_port()}/0")
    assert "không tìm ra máy có tên ấy → " in said("redis://nowhere.invalid:6379/0")


def test_the_same_words_through_a_sentinel_and_in_a_cluster(guard: Guard, tmp_path: Path) -> None:
    foreign = issue(tmp_path / "foreign", HOST)
    with watched(tmp_path / "watched", guard) as three, cluster(tmp_path / "cluster", guard) as nodes:
        for good in (three.url, nodes.url):
            assert said(good).startswith("OK")
            assert "do nơi lạ cấp → " in said(re.sub("ssl_ca_certs=[^&]*", f"ssl_ca_certs={foreign.authority}", good))
            assert "sai tên hay mật khẩu → " in said(good.replace("motcua:", "motcua:x"))
            assert "dùng TLS thì viết rediss://" in said(good.replace("rediss", "redis").split("?")[0])
        assert "Sentinel chưa chỉ ra máy chính → " in said(three.url.replace("/xa/", "/xb/"))
        for unasked in (three.url.partition("&")[0], three.url + "x"):
            assert "Sentinel đòi mật khẩu khác → " in said(unasked)
        alone = [said(url_of(guard, "", [node], "/0")) for node in nodes.nodes]
        assert sum("thuộc một cụm → viết redis+cluster://" in one for one in alone) == 2  # where other keys lie
        for node in nodes.nodes:
            node.ask("ACL SETUSER", "motcua", "-cluster|slots")
        assert "người dùng Redis thiếu quyền → " in said(nodes.url)


async def test_the_web_part_says_so_and_goes_on_when_it_is_mended(server: Server, tmp_path: Path) -> None:
    """From the beginning the password is wrong, later Redis is full. No restart, no traceback."""
    settings = Settings(_env_file=None, root=ROOT, port=free_port(), REDIS_URL=url(server))

    async def trouble() -> str:
        async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
            answer = await client.get(f"{base}/readyz")
        state = answer.json()
        assert answer.status_code == (200 if state["redis"] else 503)
        return str(state.get("redis_trouble", ""))

    server.ask("ACL SETUSER", "motcua", "resetpass", ">another")
    async with web_process(settings, tmp_path) as base:
        assert "sai tên hay mật khẩu → " in await trouble()
        server.ask("ACL SETUSER", "motcua", f">{PASSWORD}")
        assert await trouble() == ""
        server.ask("CONFIG SET", "maxmemory", 1)
        assert "Redis đầy bộ nhớ → nâng maxmemory" in await trouble()
        server.ask("CONFIG SET", "maxmemory", 0)
        assert await trouble() == ""
    log = (tmp_path / "web.log").read_text("utf-8")
    assert "sai tên hay mật khẩu → " in log and "Traceback" not in log and PASSWORD not in log
