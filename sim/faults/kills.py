"""SIGKILL at random moments for a booth's shot saver, its uplink and the real office, behind a bad network.

`python -m sim.faults.kills --kills 1000` runs this and prints the figures. It ends with 0 if no shot was lost, doubled
or damaged and the spool was emptied. A kill does not lose what the operating system has in memory, so this only proves
that the programs may stop at any moment. What the medium keeps is proved by the sweeps in `tests/faults`, in which each
disk call fails in turn.

Of the booth only the shot saver is killed, because no other part of it writes shots (`children.py`).
"""

import argparse
import hashlib
import json
import logging
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import select

from center.platform.photos import photo_name
from center.platform.seal_keys import load_seal_keys
from center.shots.tables import ShotRow
from center.wiring.office import Office
from kiosk.ports.config import BoothConfig
from kiosk.uplink.storage.outbox import Outbox
from sim.faults.badnet import BadNetwork
from sim.faults.children import adopt, config_of, fork, keep_for_ever, send_for_ever, wait_until_drained
from sim.faults.children import kill as end
from sim.office.real import RealOffice, make_real_office

_LONGEST_LIFE_S = 0.4
_OFFICE_SHARE = 0.1  # how often the office is killed, as a share of the kills of booth and uplink


@dataclass(frozen=True)
class Figures:
    """The counts of a run. `accepted`: the shots that the booth reported as saved. `left_in_spool`: the files that are
    left in the spool at the end, whatever their names."""

    kills_of_booth: int
    kills_of_uplink: int
    kills_of_office: int
    accepted: int
    lost: int
    double: int
    corrupt: int
    left_in_spool: int
    mischief: dict[str, int]
    seconds: float

    @property
    def held(self) -> bool:
        """Whether shots were accepted, none was lost, doubled or damaged, and the spool was emptied."""
        return self.accepted > 0 and not (self.lost or self.double or self.corrupt or self.left_in_spool)


def play(folder: Path, photo: bytes, kills: int, *, share: float = 0.05, seed: int = 1) -> Figures:
    """Kill, `kills` times, either the booth or the uplink in `folder`, and sometimes the office; let the spool drain;
    count the shots."""
    began, luck = time.monotonic(), random.Random(seed)
    office = make_real_office(folder / "office")
    said = folder / "said"
    network_pid, url = _network(folder, office.port, share, seed)
    config = config_of(folder, url, office)
    work: dict[str, Callable[[], object]] = {
        "booth": lambda: keep_for_ever(config, photo, said),
        "uplink": lambda: send_for_ever(config, folder / "booth.toml"),
        "office": office.serve,
    }
    counts = dict.fromkeys(work, 0)
    children = {name: fork(task) for name, task in work.items()}

    def kill(name: str) -> None:
        end(children[name])
        counts[name] += 1
        children[name] = fork(work[name])

    for _ in range(kills):
        time.sleep(luck.uniform(0, _LONGEST_LIFE_S))
        kill(luck.choice(("booth", "uplink")))
        if luck.random() < _OFFICE_SHARE:
            kill("office")
    end(children["booth"])
    end(children["uplink"])
    os.kill(network_pid, signal.SIGTERM)
    os.waitpid(network_pid, 0)
    # The booth now sends without the bad network, and a last start takes over the files that the last kill left.
    healed = config.model_copy(update={"office": config.office.model_copy(update={"url": office.url})})
    adopt(healed)
    last = fork(lambda: send_for_ever(healed, folder / "healed.toml"))
    wait_until_drained(healed)
    end(last)
    end(children["office"])
    mischief = json.loads((folder / "mischief.json").read_text("utf-8"))
    return _count(folder, healed, office, counts, mischief, time.monotonic() - began)


def _count(
    folder: Path, config: BoothConfig, real: RealOffice, kills: dict[str, int], mischief: dict[str, int], s: float
) -> Figures:
    accepted = dict(line.split() for line in _whole_lines(folder / "said"))
    there: dict[str, list[str]] = {}
    corrupt = 0
    keys = load_seal_keys(real.config.seal_keys)
    with Office.open(real.config) as office:
        corrupt += len(office.audit.verify(office.database)[2])
        with office.database.read() as session:
            rows = session.execute(select(ShotRow.shot_id, ShotRow.sha256, ShotRow.verified_at)).all()
        for shot_id, sha256, verified_at in rows:
            stored = office.photos.get(photo_name(shot_id, sha256))
            content = hashlib.sha256(keys.unseal(stored)).hexdigest()
            corrupt += verified_at is None
            corrupt += hashlib.sha256(stored).digest() != sha256 or accepted.get(shot_id, content) != content
            there.setdefault(content, []).append(shot_id)
    at_office = {shot_id for shots in there.values() for shot_id in shots}
    with Outbox(config.storage.folder / "outbox.sqlite3") as outbox:
        entered = sum(outbox.counts().values())
        corrupt += len(outbox.parked())
    return Figures(
        kills_of_booth=kills["booth"],
        kills_of_uplink=kills["uplink"],
        kills_of_office=kills["office"],
        accepted=len(accepted),
        lost=len(accepted.keys() - at_office),
        double=sum(len(shots) - 1 for shots in there.values()) + abs(entered - len(at_office)),
        corrupt=corrupt,
        left_in_spool=len(list((config.storage.folder / "spool").iterdir())),
        mischief=mischief,
        seconds=round(s, 1),
    )


def _network(folder: Path, port: int, share: float, seed: int) -> tuple[int, str]:
    address_file = folder / "network.url"

    def spoil() -> None:
        with BadNetwork(port, share, seed) as network:
            _tell(address_file, network.url)
            signal.sigwait({signal.SIGTERM})
        _tell(folder / "mischief.json", json.dumps({kind.value: count for kind, count in network.counts.items()}))

    pid = fork(spoil)
    return pid, _read_when_written(address_file)


def _tell(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(path)


def _read_when_written(path: Path) -> str:
    end = time.monotonic() + 30
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)
    return path.read_text("utf-8")


def _whole_lines(path: Path) -> list[str]:
    """The whole lines of a process's output; the last line is left out if a kill has cut it."""
    return [line for line in path.read_text("ascii").splitlines() if len(line) == 97]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0 if no shot was lost, doubled or damaged and the spool was emptied, else 1."""
    parser = argparse.ArgumentParser(prog="python -m sim.faults.kills", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photo", type=Path, required=True, help="a legal photo (kiosk finish makes one)")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore", DeprecationWarning)
    logging.disable(logging.CRITICAL)  # otherwise the uplink would log every change of the circuit breaker
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        figures = play(Path(folder), options.photo.read_bytes(), options.kills, seed=options.seed)
    sys.stdout.write(json.dumps(asdict(figures) | {"held": figures.held}) + "\n")
    return 0 if figures.held else 1


if __name__ == "__main__":
    sys.exit(main())
