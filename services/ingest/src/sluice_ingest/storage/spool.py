"""A body on its way in: in memory while it is small, in a temporary file when it is not."""

import errno
import mmap
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from sluice_shared.errors import StorageFull, Unavailable

_READ_BYTES = 256 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Digest(Protocol):
    """What sees every byte once, such as a hash."""

    def update(self, data: bytes, /) -> None:
        """Take the next bytes."""
        ...


class Spool:
    """Collects chunks. `add` and `seal` are quick; `flush` hashes and writes, so it belongs into a thread.

    Used by one task at a time and closed at the end; what `contents` gave must not be used after that.
    """

    def __init__(self, directory: Path | None, memory_bytes: int, digests: Sequence[Digest] = ()) -> None:
        self.size = 0
        self._directory = directory
        self._memory_bytes = memory_bytes
        self._digests = digests
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._file: IO[bytes] | None = None
        self._map: mmap.mmap | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.clear()
        if self._map is not None:
            self._map.close()
        if self._file is not None:
            # On a full disk even closing fails, on what is still buffered; nobody wants that any more.
            with suppress(OSError):
                self._file.close()

    def add(self, chunk: bytes) -> bool:
        """Take a chunk; return whether enough is held that `flush` should be called before the next."""
        self._held.append(chunk)
        self._held_bytes += len(chunk)
        self.size += len(chunk)
        return self._held_bytes >= self._memory_bytes

    @property
    def is_large(self) -> bool:
        """True when the body has outgrown memory."""
        return self._file is not None

    def flush(self) -> None:
        """Hash what is held and write it to the file."""
        with _failures():
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._directory, prefix="sluice-body-")  # noqa: SIM115 - see close
            for chunk in self._held:
                self._hash(chunk)
                self._file.write(chunk)
        self._held.clear()
        self._held_bytes = 0

    def seal(self) -> None:
        """Hash and write what is left. Quick for a small body; for a large one it belongs into a thread."""
        if self._file is not None:
            self.flush()
            with _failures():
                self._file.flush()
            return
        body = b"".join(self._held)
        self._hash(body)
        self._held = [body]

    def chunks(self) -> Iterator[bytes]:
        """Yield the sealed body in pieces; blocks on the file."""
        if self._file is None:
            yield from self._held
            return
        self._file.seek(0)
        while piece := self._file.read(_READ_BYTES):
            yield piece

    def contents(self) -> bytes | mmap.mmap:
        """Return the whole sealed body without copying it: a large one is mapped from its file."""
        if self._file is None:
            return self._held[0]
        if self._map is None:
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._map

    def _hash(self, data: bytes) -> None:
        for digest in self._digests:
            digest.update(data)


@contextmanager
def _failures() -> Iterator[None]:
    """Tell a full disk, and any other trouble with temporary files, as what may pass."""
    try:
        yield
    except OSError as error:
        detail = f"no temporary file for a body: {error.strerror}"
        if error.errno in _FULL:
            raise StorageFull(detail, what="temporary files") from error
        raise Unavailable("temporary files", detail) from error
