"""A file that every user of the machine may read and that can be made again, so no disk faults are injected into it."""

import os
import tempfile
from pathlib import Path


def write_for_all(path: Path, data: bytes) -> None:
    """Write a file that every user of the machine may read: all of `data` or nothing. After a power failure the former
    file may be there again, because the folder is not synced. Raises `OSError`.
    """
    # not the file's own name in it: with the random part it could be too long
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
