"""The embedded servers: real ones, that keep what they promised and leave nothing behind."""

import asyncio
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from sluice_shared.embedded import EmbeddedError, EmbeddedPostgres, EmbeddedRedis, EmbeddedStack, free_port
from sluice_shared.embedded.process import has_ended
from sluice_shared.embedded.redis import find_server

SETTLING_TIME = 20.0

Server = EmbeddedPostgres | EmbeddedRedis


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Not pytest's own: that is closed to the user that PostgreSQL runs as."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-embedded-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with temporary_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def stack() -> Iterator[EmbeddedStack]:
    """Both servers, for tests that change nothing in how they run."""
    with temporary_folder() as folder, EmbeddedStack(folder) as stack:
        yield stack


@pytest.fixture(params=[EmbeddedPostgres, EmbeddedRedis])
def server(request: pytest.FixtureRequest, data_dir: Path) -> Iterator[Server]:
    server: Server = request.param(data_dir)
    yield server
    server.stop()


async def query(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SETTLING_TIME
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def none_left(processes: list[psutil.Process]) -> bool:
    return eventually(lambda: all(has_ended(process) for process in processes))


async def test_postgres_answers_with_the_settings_that_the_product_promises(stack: EmbeddedStack):
    url = stack.postgres.url

    assert await query(url, "SELECT current_user || '@' || current_database()") == "sluice@sluice"
    assert await query(url, "SHOW synchronous_commit") == "on"
    assert await query(url, "SHOW max_connections") == "200"
    assert await query(url, "SELECT lower('ÜBER') || ('b' < 'Ä')") == "übertrue"


async def test_postgres_wants_its_password_and_gives_no_superuser(stack: EmbeddedStack):
    for stranger in ("sluice:wrong", "postgres:postgres"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await query(f"postgresql://{stranger}@127.0.0.1:{stack.postgres.port}/sluice", "SELECT 1")
    assert await query(stack.postgres.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


async def test_more_databases_can_be_had_and_asked_for_twice(stack: EmbeddedStack):
    url = stack.postgres.create_database("risk_index")
    await query(url, "CREATE TABLE kept AS SELECT 1 AS it")

    assert stack.postgres.create_database("risk_index") == url
    assert await query(url, "SELECT it FROM kept") == 1
    with pytest.raises(EmbeddedError, match="no database name"):
        stack.postgres.create_database('x"; DROP DATABASE sluice; --')


async def test_own_settings_go_before_the_usual_ones(data_dir: Path):
    with EmbeddedPostgres(data_dir, settings={"max_connections": "33"}) as postgres:
        assert await query(postgres.url, "SHOW max_connections") == "33"


def test_redis_refuses_to_drop_work_and_wants_its_password(stack: EmbeddedStack):
    with redis.Redis.from_url(stack.redis.url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("save") == {"save": ""}
    with redis.Redis(port=stack.redis.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_redis_comes_with_its_client(stack: EmbeddedStack):
    command = [stack.redis.cli_path, "-p", str(stack.redis.port), "PING"]

    assert "NOAUTH" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def test_the_second_start_finds_the_data_under_the_same_address(data_dir: Path):
    with EmbeddedPostgres(data_dir) as first:
        await query(first.url, "CREATE TABLE kept AS SELECT 42 AS it")

    with EmbeddedPostgres(data_dir) as second:
        assert second.url == first.url
        assert await query(second.url, "SELECT it FROM kept") == 42


def test_stop_leaves_no_process(server: Server):
    server.start()
    processes = family(server.pid)

    server.stop()

    assert none_left(processes)
    assert not server.running


def test_only_its_owner_can_read_the_secret(server: Server):
    server.start()

    secret = (server.folder / "password").read_text().strip()

    assert secret in server.url
    assert stat.S_IMODE((server.folder / "password").stat().st_mode) == 0o600
    assert not any(secret in part for process in family(server.pid) for part in process.cmdline())
    assert secret not in server.log.read_text()


async def test_what_was_committed_outlives_a_sigkill(data_dir: Path):
    with EmbeddedPostgres(data_dir) as postgres:
        await query(postgres.url, "CREATE TABLE kept (it int)")
        open_session = await asyncpg.connect(postgres.url)
        await open_session.execute("INSERT INTO kept VALUES (1)")
        processes = family(postgres.pid)

        postgres.kill()
        postgres.start()

        assert none_left(processes)
        assert await query(postgres.url, "SELECT count(*) FROM kept") == 1
        open_session.terminate()


def test_a_server_killed_by_somebody_else_can_be_started_again(server: Server):
    server.start()
    url, pid = server.url, server.pid

    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not server.running)
    server.start()

    assert server.pid != pid
    assert server.url == url


def test_start_of_a_running_server_does_nothing(server: Server):
    server.start()
    pid = server.pid

    server.start()

    assert server.pid == pid


def test_a_folder_serves_one_at_a_time(server: Server, data_dir: Path):
    server.start()

    with pytest.raises(EmbeddedError, match=rf"already in use by process {os.getpid()}\b"):
        type(server)(data_dir).start()

    assert server.running


def test_before_the_first_start_there_is_no_address(server: Server):
    with pytest.raises(EmbeddedError, match="not been started"):
        _ = server.url
    with pytest.raises(EmbeddedError, match="not been started"):
        _ = server.pid


def test_a_wanted_port_that_is_taken_is_an_error_and_nothing_runs(server: Server, data_dir: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        second = type(server)(data_dir, port=port)

        with pytest.raises(EmbeddedError, match=rf"Port {port}\b.*taken"):
            second.start()
        assert not second.running

    second.start()
    assert second.port == port
    second.stop()


def test_a_remembered_port_that_is_taken_gives_way_to_another(server: Server, data_dir: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        (data_dir / "ports.json").write_text(json.dumps({server.name: other.getsockname()[1]}))

        server.start()

        assert server.port != other.getsockname()[1]
        assert json.loads((data_dir / "ports.json").read_text())[server.name] == server.port


def test_free_port_keeps_to_the_preferred_one_while_it_can():
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert free_port(taken) != taken
    assert free_port(taken) == taken


def test_a_stale_pid_file_of_a_pid_given_to_another_process_is_no_obstacle(data_dir: Path):
    with EmbeddedPostgres(data_dir) as postgres:
        pid_file = postgres.folder / "cluster" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        status = pid_file.stat()
        postgres.kill()

    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    os.chown(pid_file, status.st_uid, status.st_gid)

    with EmbeddedPostgres(data_dir) as again:
        assert again.running


def test_an_interrupted_creation_is_begun_anew(data_dir: Path):
    draft = data_dir / "postgres" / "cluster.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(data_dir) as postgres:
        assert postgres.running
    assert not draft.exists()


async def test_a_lost_password_is_replaced(data_dir: Path):
    with EmbeddedPostgres(data_dir) as postgres:
        old = postgres.url
    (data_dir / "postgres" / "password").unlink()

    with EmbeddedPostgres(data_dir) as postgres:
        assert postgres.url != old
        assert await query(postgres.url, "SELECT 1") == 1


def test_a_deep_or_private_folder_will_do(data_dir: Path):
    private = data_dir / "private"
    private.mkdir(mode=0o700)
    deep = private / "a folder with a name that no socket address has room for" / ("x" * 90)

    with EmbeddedStack(deep) as stack:
        assert asyncio.run(query(stack.postgres.url, "SELECT 1")) == 1
        with redis.Redis.from_url(stack.redis.url) as client:
            assert client.ping()
        outside = stack.postgres._socket_dir
        assert stat.S_IMODE(outside.stat().st_mode) == 0o700

    assert not outside.exists()


def test_a_server_that_cannot_start_says_why(data_dir: Path):
    postgres = EmbeddedPostgres(data_dir, settings={"shared_buffers": "nonsense"})

    with pytest.raises(EmbeddedError, match="invalid value for parameter"):
        postgres.start()

    assert not postgres.running
    with EmbeddedPostgres(data_dir) as other:
        assert other.running


def test_without_any_redis_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    outdated = tmp_path / "redis-server"
    outdated.write_text("#!/bin/sh\necho 'Redis server v=5.0.3 sha=00000000:0'\n")
    outdated.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(EmbeddedError, match=r"is 5\.0.*[Ii]nstall redis-server or valkey-server"):
        find_server()


OWNER = """
import sys, threading, time
from pathlib import Path
from sluice_shared.embedded import EmbeddedStack
stack = EmbeddedStack(Path(sys.argv[1]))
starter = threading.Thread(target=stack.start)
starter.start()
starter.join()
print(stack.postgres.pid, stack.redis.pid, flush=True)
{then}
"""


def owner(data_dir: Path, then: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Start a process that owns both servers (second result), started in a thread that has ended since."""
    command = [sys.executable, "-c", OWNER.format(then=then), str(data_dir)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [int(pid) for pid in process.stdout.readline().split()]
    process.stdout.close()
    return process, [psutil.Process(pid) for pid in pids]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
def test_the_servers_end_with_their_owner_however_it_ends(data_dir: Path, death: signal.Signals):
    process, servers = owner(data_dir, "time.sleep(600)")
    everybody = [member for server in servers for member in family(server.pid)]
    time.sleep(0.5)
    assert not any(has_ended(server) for server in servers)

    process.send_signal(death)
    process.wait()

    assert none_left(everybody)


def test_a_server_that_outlives_its_killed_owner_is_ended_by_the_next(data_dir: Path):
    process, servers = owner(data_dir, "time.sleep(600)")
    for server in servers:
        server.suspend()  # so that it does not hear of its owner's death

    process.kill()
    process.wait()
    try:
        for successor in (EmbeddedPostgres(data_dir), EmbeddedRedis(data_dir)):
            successor.stop_timeout = 0.2  # type: ignore[misc]
            successor.start()
            successor.stop()

        assert none_left(servers)
    finally:
        for server in servers:
            if not has_ended(server):
                server.kill()


def test_the_servers_end_with_an_owner_that_forgets_them(data_dir: Path):
    process, servers = owner(data_dir, "")

    assert process.wait() == 0
    assert none_left(servers)


def test_ctrl_c_in_the_terminal_reaches_the_owner_alone(stack: EmbeddedStack):
    for server in (stack.postgres, stack.redis):
        assert os.getsid(server.pid) == server.pid
        assert os.getpgid(server.pid) != os.getpgid(0)
