"""Where tests get their real servers from, and what each folder of tests may do.

PostgreSQL and Redis come from the environment (SLUICE_TEST_DATABASE_URL, SLUICE_TEST_REDIS_URL), else from containers
when a Docker engine answers, else from the embedded servers in a folder of their own. The database user must be allowed
to create databases; the Redis database of the URL is flushed before each test.
"""

import asyncio
import gc
import logging
import os
import re
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import docker
import docker.errors
import pytest
import redis
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer
from testcontainers.core.container import DockerContainer

from sluice_shared.embedded import EmbeddedPostgres, EmbeddedRedis

TESTS = Path(__file__).parent
MARKED_BY_FOLDER = {"integration", "e2e", "chaos"}
POSTGRES_IMAGE = "postgres:17-alpine"
REDIS_IMAGE = "redis:7-alpine"
DOCKER_TIMEOUT = 2
# A test's data need not outlive a power cut, and many sessions may run on one machine.
TEST_SETTINGS = {"fsync": "off", "shared_buffers": "128MB"}

log = logging.getLogger(__name__)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder; unit tests may open no socket but the event loop's own."""
    for item in items:
        if not item.path.is_relative_to(TESTS):
            continue
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in MARKED_BY_FOLDER:
            item.add_marker(folder)
        elif folder == "unit":
            item.add_marker("disable_socket")


@pytest.fixture(scope="session")
def docker_answers() -> bool:
    """Whether a Docker engine answers within two seconds."""
    with warnings.catch_warnings():
        # Docker's client forgets to close its socket when nobody answers; collected here, it is no test's fault.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            docker.from_env(timeout=DOCKER_TIMEOUT).close()
        except docker.errors.DockerException:
            answers = False
        else:
            answers = True
        gc.collect()
        return answers


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for embedded servers; not below pytest's own, which is closed to the user that PostgreSQL runs as."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-tests-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_url(docker_answers: bool, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of the session's PostgreSQL; tests that write use ``database_url``."""
    if url := os.environ.get("SLUICE_TEST_DATABASE_URL"):
        yield url
        return
    if docker_answers and _has_started(container := PostgresContainer(POSTGRES_IMAGE, driver=None)):
        yield container.get_connection_url()
        container.stop()
        return
    with EmbeddedPostgres(request.getfixturevalue("server_folder"), settings=TEST_SETTINGS) as server:
        yield server.url


@pytest.fixture(scope="module")
def create_database(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Create an empty database at each call and give its URL; all are dropped after the module."""
    module = re.sub(r"\W", "_", request.path.stem).lower()[:30]
    created: list[str] = []

    def create() -> str:
        name = f"{module}_{uuid.uuid4().hex[:12]}"
        _execute(postgres_url, f'CREATE DATABASE "{name}"')
        created.append(name)
        return urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))

    yield create
    for name in created:
        _execute(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def database_url(create_database: Callable[[], str]) -> str:
    """An empty database for the module, as ``postgresql://…``."""
    return create_database()


@pytest.fixture(scope="session")
def redis_server_url(docker_answers: bool, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of the session's Redis; tests use ``redis_url``."""
    if url := os.environ.get("SLUICE_TEST_REDIS_URL"):
        yield url
        return
    if docker_answers and _has_started(container := RedisContainer(REDIS_IMAGE)):
        yield f"redis://{container.get_container_host_ip()}:{container.get_exposed_port(container.port)}/0"
        container.stop()
        return
    with EmbeddedRedis(request.getfixturevalue("server_folder")) as server:
        yield server.url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """An empty Redis database for the test."""
    with redis.Redis.from_url(redis_server_url) as client:
        client.flushdb()
    return redis_server_url


def _has_started(container: DockerContainer) -> bool:
    """Start the container, unless the engine cannot (it may lack the image): then the embedded server has to do."""
    try:
        container.start()
    except docker.errors.DockerException as error:
        log.warning("no container, so the embedded server is used: %s", error)
        container.stop()
        return False
    return True


def _execute(url: str, statement: str) -> None:
    """Run one statement in a thread with a loop of its own, whatever loops the tests have."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(max_workers=1) as executor:
        executor.submit(asyncio.run, run()).result()
