"""`python -m bench`: measure every time that the project promises; print the medians, 99th percentiles and ratios of
this run.
"""

import json
import logging
import os
import platform
import sys
from collections.abc import Sequence

from bench.row import Row

PI5 = "unmeasured"  # the entry of each row for the time on a Raspberry Pi 5


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table (with `--json` one object for each row). Returns 0 if every limit was kept, else 1."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments not in ([], ["--json"]):
        sys.stderr.write("usage: python -m bench [--json]\n")
        return 2
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    logging.basicConfig(level=logging.WARNING)  # set first, because the office's commands would set another level
    from bench import (
        booth,
        booth_memory,
        live_step,
        office_attendance,
        office_dashboard,
        office_prints,
        office_queue,
        office_receiving,
        office_strangers,
        office_tables,
        office_two_workers,
        season_export,
        uplink,
        vision_finish,
    )

    rows: list[Row] = []
    for part in (
        live_step,
        vision_finish,
        booth,
        booth_memory,
        uplink,
        office_receiving,
        office_strangers,
        office_two_workers,
        office_queue,
        office_attendance,
        office_dashboard,
        office_prints,
        office_tables,
        season_export,
    ):
        sys.stderr.write(f"{part.__name__} ...\n")
        rows += part.run()
    if arguments:
        for row in rows:
            print(json.dumps({**row._asdict(), "held": row.held, "pi5": PI5}))
    else:
        _table(rows)
    return 0 if all(row.held is not False for row in rows) else 1


def _table(rows: list[Row]) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':44} {'median':>9} {'p99':>9} {'ratio':>6} {'limit':>7}       Raspberry Pi 5")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        sign = ">=" if row.more_is_better else "<="
        limit = "" if row.limit is None else f"{sign} {row.limit:g}"
        word = {True: "held", False: "NOT", None: ""}[row.held]
        figures = f"{row.median:9.1f} {row.p99:9.1f} {ratio:>6} {limit:>8} {word:5}"
        print(f"{row.name:44} {figures} {PI5}   {row.note} [{row.unit}]")


if __name__ == "__main__":
    sys.exit(main())
