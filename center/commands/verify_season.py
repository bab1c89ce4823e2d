"""`center verify-season`: recounts an exported season.
It needs only the files and the office's public key, no office."""

import argparse
import json
from pathlib import Path

from center.commands.speaking import say_result
from center.export.verifying import verify_folder
from center.platform.faults import WrongRequest

_KEY = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
EXAMPLES = (
    f"center verify-season season-2026 --key {_KEY}",
    f"center verify-season season-2026 --key {_KEY} --audit-place 48213",
)
_MOST = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("folder", type=Path, help="the exported season")
    parser.add_argument(
        "--key", required=True, help="the office's public key (64 hex digits), had apart from the files"
    )
    parser.add_argument(
        "--audit-place",
        type=int,
        default=0,
        help="how far the office's audit had come, had apart from the files: an older export is then refused",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if everything agrees, 1 if something does not."""
    try:
        faults = list(verify_folder(options.folder, options.key.strip(), options.audit_place))
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as fault:
        raise WrongRequest(f"{options.folder} holds no exported season ({type(fault).__name__}: {fault})") from fault
    for one in faults[:_MOST]:
        say_result(options, {"fault": one}, one)
    say_result(
        options, {"faults": len(faults)}, f"{len(faults)} faults" if faults else "every count, bill and delivery agrees"
    )
    return 1 if faults else 0
