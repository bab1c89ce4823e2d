"""The fixtures of backups: an office that backs up to the key in the safe."""

from tests.center.backup.conftest import plain, safe

__all__ = ["plain", "safe"]
