"""`center audit verify`: check that no entry was changed, removed or inserted."""

import argparse

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import say, say_json

EXAMPLES = ("center audit verify --config center.toml",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="audit_verb", required=True, metavar="VERB")
    verify = verbs.add_parser("verify", help="check every entry against the chain")
    verify.add_argument(
        "--hash",
        metavar="HEX",
        help="a hash noted down earlier: it must still be in the chain, which proves that no end was cut off",
    )
    add_office_options(verify)


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if the chain is intact, 1 with the places where it is broken."""
    with open_office(options) as office:
        length, newest, found = office.audit.verify(office.database)
        noted = options.hash is None or office.audit.has_hash(office.database, options.hash)
    whole = not found and noted
    if options.json:
        breaks = [{"place": one.place, "what": str(one.what)} for one in found]
        say_json({"ok": whole, "entries": length, "hash": newest.hex(), "noted_hash_found": noted, "breaks": breaks})
        return 0 if whole else 1
    for one in found:
        say(f"entry {one.place}: {one.what}")
    if not noted:
        say("the noted hash is not in the chain: entries were cut off or changed since")
    if whole:
        say(f"{length} entries, the chain holds; newest hash {newest.hex()} (note it down to prove it later)")
    return 0 if whole else 1
