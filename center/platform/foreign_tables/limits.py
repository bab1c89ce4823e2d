"""Limits for foreign files: far above what a school of 60 000 students sends, far below what would hurt the office."""

MOST_BYTES = 64 << 20
MOST_UNPACKED_BYTES = 512 << 20
"""The most bytes of an unpacked workbook: it is a zip archive, and a small one could unpack to more than the machine's
memory."""
MOST_TEXT_BYTES = 128 << 20
"""The most bytes of the reading process's answer."""
MOST_ROWS = 200_000
MOST_COLUMNS = 256
MOST_BOX_CELLS = 20_000_000
"""The most cells in the box around a sheet's cells: the reading library takes about 32 bytes for each, empty or not."""
MOST_SPINS = 200_000
"""The most hash rounds for a key of Agile encryption (MS-OFFCRYPTO 2.3.4.10); Excel and WPS use 100 000 (0.4 s)."""
MOST_HIDDEN_LISTED = 1_000
MOST_ERROR_CELLS = 10_000

MEMORY_BYTES = 2 << 30
"""The address space of the reading process."""
CPU_SECONDS = 30
WALL_SECONDS = 120
"""The time limit for a reading process that waits instead of working; on a busy machine, `CPU_SECONDS` of work may take
this long.
"""
