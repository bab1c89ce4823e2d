"""`center signing`: the holders of release keys run it on machines of their own. It needs no office and no network."""

import argparse
import getpass
import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import date
from io import BufferedReader
from itertools import chain
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from center.commands.speaking import say_result
from center.platform.faults import WrongRequest
from common.disk import Disk, pieces_of, write_durably
from wire.digest import format_digest, parse_digest
from wire.faults import WireError
from wire.release import (
    KeySet,
    NamedKey,
    ReleaseHeader,
    Signed,
    Statement,
    Version,
    header_line,
    public_of,
    read_header,
    read_key_set,
    sign,
    signed,
    signers,
)

_LEAST_PASSPHRASE = 12

EXAMPLES = (
    "center signing new-key anna anna.pem",
    "center signing key-set keys-1.json --version 1 --threshold 2 anna.pem.pub bert.pem.pub carl.pem.pub",
    (
        "center signing make booth.release --archive booth.tar.xz --version 0.3.0 --architecture arm64 "
        "--minimum-version 0.2.0 --not-after 2027-03-31 --installed-bytes 420000000 --key-set keys-1.json"
    ),
    "center signing sign booth.release --key anna.pem",
    "center signing show booth.release",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="signing_verb", required=True, metavar="VERB")
    new = verbs.add_parser("new-key", help="a secret key under a passphrase, and its public half beside it (.pub)")
    new.add_argument("holder", help="who holds it, as others will read it")
    new.add_argument("file", type=Path, help="the new file of the secret key (PEM)")
    keys = verbs.add_parser("key-set", help="the set of keys that follows, to be signed")
    keys.add_argument("file", type=Path, help="the new file")
    keys.add_argument("public", type=Path, nargs="+", help="the public halves (.pub)")
    keys.add_argument("--version", type=int, required=True, help="1 for the first set, then one more each time")
    keys.add_argument("--threshold", type=int, default=2, help="how many of them must sign (2)")
    make = verbs.add_parser("make", help="a release file of an archive, to be signed")
    make.add_argument("file", type=Path, help="the new file")
    make.add_argument("--archive", type=Path, required=True, help="what scripts/release made")
    make.add_argument("--version", required=True, help="like 0.3.0")
    make.add_argument("--architecture", choices=("arm64", "amd64"), required=True)
    make.add_argument("--minimum-version", required=True, help="the oldest version it may replace directly")
    make.add_argument("--not-after", type=date.fromisoformat, required=True, help="the last day to install it")
    make.add_argument("--installed-bytes", type=int, required=True, help="what it takes on a booth's disk")
    make.add_argument(
        "--key-set", type=Path, action="append", required=True, help="every signed set of keys from the first on"
    )
    sign_ = verbs.add_parser("sign", help="add a signature to a release file or a set of keys")
    sign_.add_argument("file", type=Path)
    sign_.add_argument("--key", type=Path, required=True, help="the secret key (PEM)")
    show = verbs.add_parser("show", help="what a release file or a set of keys says, and who signed it")
    show.add_argument("file", type=Path)
    for verb in (new, sign_):
        verb.add_argument("--passphrase-file", type=Path, help="its first line, instead of asking for it")
    for verb in (new, keys, make, sign_, show):
        verb.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    verbs: dict[str, Callable[[argparse.Namespace], dict[str, object]]] = {
        "new-key": _new_key,
        "key-set": _key_set,
        "make": _make,
        "sign": _sign,
        "show": lambda options: _content(options.file),
    }
    try:
        fields = verbs[options.signing_verb](options)
    except WireError as fault:
        raise WrongRequest(str(fault)) from fault
    lines = (
        f"{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}" for key, value in fields.items()
    )
    say_result(options, fields, *lines)


def _new_key(options: argparse.Namespace) -> dict[str, object]:
    passphrase = _passphrase(options, again=True)
    if len(passphrase) < _LEAST_PASSPHRASE:
        raise WrongRequest(f"the passphrase has {len(passphrase)} characters, take {_LEAST_PASSPHRASE} or more")
    key = Ed25519PrivateKey.generate()
    named = NamedKey(holder=options.holder, public=public_of(key))
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase),
    )
    _write_new(options.file, pem)
    _write_new(_public_file(options.file), named.encode())
    return {"holder": named.holder, "public": named.public, "secret key": str(options.file)}


def _key_set(options: argparse.Namespace) -> dict[str, object]:
    named = tuple(NamedKey.decode(path.read_bytes()) for path in options.public)
    try:
        keys = KeySet(version=options.version, threshold=options.threshold, keys=named)
    except ValueError as fault:
        raise WrongRequest(f"no such set of keys: {_first(fault)}") from None
    _write_new(options.file, signed(keys).encode())
    return _content(options.file)


def _make(options: argparse.Namespace) -> dict[str, object]:
    for version in (options.version, options.minimum_version):
        Version(version)
    with options.archive.open("rb") as archive:
        digest = hashlib.file_digest(archive, "sha256").digest()
        size = archive.tell()
    try:
        statement = Statement(
            version=options.version,
            architecture=options.architecture,
            minimum_version=options.minimum_version,
            not_after=options.not_after,
            archive=format_digest(digest),
            archive_bytes=size,
            installed_bytes=options.installed_bytes,
        )
    except ValueError as fault:
        raise WrongRequest(f"no such release: {_first(fault)}") from None
    sets = tuple(read_key_set(path.read_bytes())[0] for path in options.key_set)
    header = ReleaseHeader(key_sets=sets, statement=signed(statement))

    with options.archive.open("rb") as archive:
        _write_new(options.file, chain([header_line(header)], pieces_of(archive)))
    return _content(options.file)


def _sign(options: argparse.Namespace) -> dict[str, object]:
    key = _secret_key(options)
    path: Path = options.file
    with path.open("rb") as file:
        if _is_release(file):
            header = read_header(file)
            begin = file.tell()
            _check_archive(Statement.decode(header.statement.text.encode()), file)
            header = header.model_copy(update={"statement": sign(Statement, header.statement, key)})
            file.seek(begin)
            _replace(path, chain([header_line(header)], pieces_of(file)))
        else:
            paper, _ = read_key_set(file.read())
            _replace(path, sign(KeySet, paper, key).encode())
    return _content(path)


def _content(path: Path) -> dict[str, object]:
    """The content of the file and, if it is a release, whether its archive is the one that was signed."""
    with path.open("rb") as file:
        if not _is_release(file):
            paper, keys = read_key_set(path.read_bytes())
            return {
                "set of keys": keys.version,
                "threshold": keys.threshold,
                "holders": [one.holder for one in keys.keys],
                "signed by": signers(KeySet, paper, keys),
            }
        header = read_header(file)
        statement = Statement.decode(header.statement.text.encode())
        _check_archive(statement, file)
    keys = _last_set(header.key_sets)
    return {
        "release": statement.version,
        "architecture": statement.architecture,
        "replaces": f"{statement.minimum_version} and newer",
        "not after": statement.not_after.isoformat(),
        "archive": statement.archive,
        "archive bytes": statement.archive_bytes,
        "set of keys": keys.version,
        "threshold": keys.threshold,
        "signed by": signers(Statement, header.statement, keys),
    }


def _last_set(sets: tuple[Signed, ...]) -> KeySet:
    if not sets:
        raise WrongRequest("the release file names no set of keys: make it again with --key-set")
    return KeySet.decode(sets[-1].text.encode())


def _check_archive(statement: Statement, file: BufferedReader) -> None:
    begin = file.tell()
    digest = hashlib.file_digest(file, "sha256").digest()
    if digest != parse_digest(statement.archive) or file.tell() - begin != statement.archive_bytes:
        raise WrongRequest("the archive is not the one of the statement: it is damaged or another one, sign nothing")


def _is_release(file: BufferedReader) -> bool:
    """Whether the file begins like a release; a set of keys has `signatures` first."""
    begin = file.read(len(b'{"key_sets"'))
    file.seek(0)
    return begin == b'{"key_sets"'


def _secret_key(options: argparse.Namespace) -> Ed25519PrivateKey:
    pem = options.key.read_bytes()
    try:
        key = serialization.load_pem_private_key(pem, _passphrase(options))
    except (ValueError, TypeError):
        raise WrongRequest(f"{options.key} can't be opened: another passphrase, or no key of new-key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongRequest(f"{options.key} is no Ed25519 key: make one by `center signing new-key`")
    return key


def _passphrase(options: argparse.Namespace, *, again: bool = False) -> bytes:
    if options.passphrase_file is not None:
        lines = options.passphrase_file.read_text("utf-8").splitlines()
        return (lines[0] if lines else "").encode()
    asked = getpass.getpass("Passphrase of the key: ")
    if again and getpass.getpass("Once more: ") != asked:
        raise WrongRequest("the two passphrases differ")
    return asked.encode()


def _public_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.pub")


def _write_new(path: Path, data: bytes | Iterator[bytes]) -> None:
    if path.exists():
        raise WrongRequest(f"{path} is there already: name another file")
    _replace(path, data)


def _replace(path: Path, data: bytes | Iterator[bytes]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    write_durably(Disk(), path, data, part)


def _first(fault: ValueError) -> str:
    """The first fault in words, without the web address that the library adds."""
    errors = getattr(fault, "errors", None)
    if errors is None:
        return str(fault)
    first = errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'set'}: {first['msg']}"
