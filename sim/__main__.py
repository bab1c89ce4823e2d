"""`python -m sim`: run scenarios in the simulator, list them, or show the demo."""

import argparse
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from itertools import chain, count
from pathlib import Path
from typing import Any

from common.command_line import show_examples, write_any_character
from kiosk.core.session.journal import JournalError
from kiosk.ports.config import BoothConfig
from kiosk.ports.faults import DeviceFault
from kiosk.runtime.calibration import CalibrationFault
from kiosk.runtime.load import ConfigFault, load_config
from rules.profile import ProfileError
from sim.play.scenario import Scenario, ScenarioFault, load, names
from sim.twins.scene import Person

OUT = Path("out")
EXAMPLES = (
    "python -m sim run card-happy",
    "python -m sim run all --json",
    "python -m sim run card-happy --window --realtime",
    "python -m sim list",
    "python -m sim calibrate",
    "python -m sim replay /var/lib/kiosk/journal/20260901T093000.jsonl --config booth.toml",
    "python -m sim demo",
    "python -m sim season",
    "python -m sim crowd --people 2000 --booths 3 --seed 1",
    "python -m sim tampering --count 120",
    "python -m sim soak --visits 2000 --seed 1",
    "python -m sim unattended --days 5",
    "python -m sim workbench",
    "python -m sim swaps --count 24 --world 12",
    "python -m sim login out/run-1",
    "python -m sim booth --config booth.toml --twins out/twins",
)
"""Examples of the commands; the `--help` of a command shows those that begin with its name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Returns 0 when done, 1 if an expectation failed or the command could not do its work (it prints
    why), 2 for wrong use."""
    try:
        return _command(argv)
    except KeyboardInterrupt:
        sys.stderr.write("sim: stopped\n")
        return 130  # the code that shells return after Ctrl+C
    # for example there is no display for a window, or a folder cannot be written
    except (DeviceFault, OSError) as fault:
        sys.stderr.write(f"sim: {fault}\n")
        return 1


Verbs = Any  # the type that `add_subparsers` returns has no public name


def _command(argv: Sequence[str] | None) -> int:
    write_any_character()
    # pygame's greeting would be printed among the results on standard output
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    parser = argparse.ArgumentParser(prog="python -m sim", description="The booth's simulator.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for add in (_add_scenarios, _add_by_hand, _add_seasons, _add_endurance, _add_booth):
        add(verbs)
    show_examples(parser, EXAMPLES)
    options = parser.parse_args(argv)
    status: int = options.do(options)
    return status


def _add_scenarios(verbs: Verbs) -> None:
    run = _verb(verbs, "run", _run, "play scenarios")
    run.add_argument("scenario", nargs="+", help="a name from `list`, a file ending in .toml, or `all`")
    run.add_argument("--people", type=Path, metavar="DIR", help="portraits: each person plays every scenario once")
    run.add_argument("--window", action="store_true", help="show the panel in a window (needs a display)")
    run.add_argument("--realtime", action="store_true", help="threads and real seconds instead of lockstep")
    run.add_argument("--json", action="store_true", help="one JSON object a run on standard output")
    _add_out(run, "where files go")
    run.add_argument("-v", "--verbose", action="store_true", help="log what the booth does")
    lister = _verb(verbs, "list", _list, "the scenarios that come with the simulator, each with its summary")
    lister.add_argument("--json", action="store_true", help="one JSON object a scenario: name and summary")
    replaying = _verb(verbs, "replay", _replay, "show the screens of a booth's journal as they were")
    replaying.add_argument("journal", type=Path, metavar="JOURNAL", help="a file of the booth's journal folder")
    replaying.add_argument(
        "--anyway", action="store_true", help="also if limits have changed since: the way may differ from what was seen"
    )
    replaying.add_argument("--config", type=Path, metavar="FILE", help="the booth's configuration (the defaults)")
    _add_out(replaying, "for the sheets")


def _add_by_hand(verbs: Verbs) -> None:
    _verb(verbs, "demo", _demo, "the main job with booth and office, in a window where there is a display")
    login = _verb(verbs, "login", _login, "the login of the office that a demo left, with the code of now")
    login.add_argument("folder", type=Path, metavar="FOLDER", help="the demo's folder, as it was printed")
    bench = _verb(verbs, "workbench", _workbench, "the booth on a page of the browser, beside all one can do to it")
    bench.add_argument("--port", type=int, default=0, metavar="N", help="of the page on 127.0.0.1 (any free one)")
    _add_out(bench, "where files go")


def _add_seasons(verbs: Verbs) -> None:
    season = _verb(verbs, "season", _season, "a whole season at a made-up office, recounted from its files")
    season.add_argument("--full", action="store_true", help="94 schools and 10 000 people instead of 5 and 200")
    _add_out(season, "where files go")
    tampering = _verb(verbs, "tampering", _tampering, "tamper with an exported season: how much of it is found")
    tampering.add_argument("--season", type=Path, metavar="DIR", help="a played season (plays a small one)")
    tampering.add_argument("--count", type=_count, default=1_000, help="how many, every kind in turn (1000)")
    swaps = _verb(
        verbs,
        "swaps",
        _swaps,
        "swapped faces, brought to a booth by people or planted in the office's records: what finds them",
    )
    swaps.add_argument("--count", type=_count, default=300, help="how many, every kind as often as another (300)")
    swaps.add_argument("--world", type=_count, default=200, help="swaps that people bring to the booth (200)")
    crowd = _verb(verbs, "crowd", _crowd, "a crowd at the booths: graduates an hour, seconds a person, a deadline day")
    crowd.add_argument("--people", type=_count, default=2_000, metavar="N", help="visits drawn for the percentiles")
    crowd.add_argument("--booths", type=_count, default=3, metavar="K", help="of the deadline day")
    crowd.add_argument("--seed", type=int, default=1, metavar="S", help="of the crowd")
    crowd.add_argument("--rehearse", type=_count, default=60, metavar="M", help="people who visit the real booth")
    crowd.add_argument("--report", type=Path, metavar="FILE", help="renew the figures and the chart of this page")


def _add_endurance(verbs: Verbs) -> None:
    soak = _verb(verbs, "soak", _soak, "one booth on threads, visit after visit, while everything breaks in turn")
    soak.add_argument("--visits", type=_count, default=2_000, metavar="N", help="after the warm-up (2000)")
    soak.add_argument("--seed", type=int, default=1, metavar="S", help="of people and faults")
    soak.add_argument("--report", type=Path, metavar="FILE", help="renew the figures and the chart of this page")
    _add_out(soak, "where files go")
    unattended = _verb(verbs, "unattended", _unattended, "a season of three booths that nobody looks after")
    unattended.add_argument("--days", type=_count, metavar="N", help="working days (all of the season)")
    unattended.add_argument("--seed", type=int, default=1, metavar="S", help="of people and troubles")
    unattended.add_argument("--report", type=Path, metavar="FILE", help="renew the figures of this page")
    _add_out(unattended, "where files go")


def _add_booth(verbs: Verbs) -> None:
    booth = _verb(verbs, "booth", _booth, "`kiosk run` on this machine's display, with twins as vendor objects")
    booth.add_argument("--config", type=Path, required=True, help="the booth's configuration, as for `kiosk run`")
    booth.add_argument("--twins", type=Path, required=True, metavar="DIR", help="where ports and commands are made")
    booth.add_argument(
        "--hands", type=Path, metavar="FIFO", help="use this machine's reader, scanner and panel: what to do there"
    )
    booth.add_argument(
        "--library", action="store_true", help="use picamera2 over a sensor in memory instead of its twin"
    )
    calibrating = _verb(verbs, "calibrate", _calibrate, "calibrate a simulated booth whose truth is known")
    _add_out(calibrating, "its storage")


def _verb(verbs: Verbs, name: str, do: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
    """Add the command `name`, which calls `do`; `words`: its line of help. Returns the parser of its arguments."""
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=words)
    verb.set_defaults(do=do)
    return verb


def _add_out(verb: argparse.ArgumentParser, what: str) -> None:
    verb.add_argument("--out", type=Path, metavar="DIR", help=f"{what} (a new folder in out/)")


def _list(options: argparse.Namespace) -> int:
    for name in names():
        summary = load(name).summary
        line = (
            json.dumps({"name": name, "summary": summary}, ensure_ascii=False)
            if options.json
            else f"{name:<28} {summary}"
        )
        sys.stdout.write(line + "\n")
    return 0


def _run(options: argparse.Namespace) -> int:
    _prepare(window=options.window, verbose=options.verbose)
    wanted = names() if options.scenario == ["all"] else options.scenario
    try:
        scenarios = [load(name) for name in wanted]
        portraits = _portraits(options.people)
    except ScenarioFault as fault:
        sys.stderr.write(f"sim: {fault}\n")
        return 2
    out = options.out or _new_folder()
    passed = True
    for scenario in scenarios:
        for portrait in portraits:
            try:
                passed = _one(scenario, portrait, out, options) and passed
            except ProfileError as fault:
                sys.stderr.write(f"sim: {scenario.name}: {fault}\n")
                return 2
    return 0 if passed else 1


def _one(scenario: Scenario, portrait: Path | None, out: Path, options: argparse.Namespace) -> bool:
    from sim.play.stage import play

    folder = _unused(out / (scenario.name if portrait is None else f"{scenario.name}-{portrait.stem}"))
    try:
        people = [] if portrait is None else [_photographed(portrait)]
    except ValueError as fault:
        sys.stderr.write(f"sim: {scenario.name}: {fault}\n")
        return False
    outcome = play(scenario, folder, people, window=options.window, realtime=options.realtime)
    report = outcome.report(scenario.name)
    if options.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        who = "" if portrait is None else f" {portrait.stem}"
        word = "passed" if outcome.passed else "FAILED"
        seconds = f"{outcome.record.virtual_s:.0f} s in {outcome.record.real_s:.1f} s"
        sys.stdout.write(f"{scenario.name}{who}: {word}, {seconds}, {report['photo'] or 'no photo'}\n")
    sys.stdout.flush()  # without this nothing of a long run is printed before it ends
    for held in outcome.held:
        if not held.held:
            sys.stderr.write(f"  {scenario.name}: {held.what}: expected {held.expected}, saw {held.seen}\n")
    return outcome.passed


def _photographed(portrait: Path) -> Person:
    """The person of a portrait. An unusable picture is reported now, not in the middle of a session."""
    from sim.people import Light, Pose, photographed

    person = photographed(portrait)
    person.layer(Pose(), Light(), 1.0)
    return person


def _season(options: argparse.Namespace) -> int:
    from sim.season.played import season

    _log_errors()
    return season(_unused(options.out) if options.out else _new_folder(), full=options.full)


def _tampering(options: argparse.Namespace) -> int:
    from sim.season.played import tampered

    if options.season is not None and not (options.season / "export").is_dir():
        sys.stderr.write(f"sim: {options.season} holds no played season: run `python -m sim season --out DIR` first\n")
        return 2
    _log_errors()
    return tampered(options.season, _new_folder(), options.count)


def _swaps(options: argparse.Namespace) -> int:
    from sim.season.swaps import swaps
    from sim.season.world_swaps import world_swaps

    _log_errors()
    folder = _new_folder()
    world_swaps(folder / "world", options.world)
    return swaps(folder / "office", options.count)


def _demo(_options: argparse.Namespace) -> int:
    from sim.demo import demo

    window = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    _prepare(window=window, verbose=False)
    sys.stderr.write("A drawn graduate sits down in the simulated booth; booth and office are the real thing.\n")
    return demo(_new_folder(), window=window)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: give a number of at least 1")
    return number


def _crowd(options: argparse.Namespace) -> int:
    """Print the crowd's figures; `--report` also writes them and the chart into the docs."""
    from sim.crowd.rehearsal import rehearse
    from sim.crowd.report import figures, renew

    _prepare(window=False, verbose=False)
    visits = rehearse(options.rehearse, options.seed)
    lines = figures(visits, options.people, options.booths, options.seed)
    sys.stdout.write("\n".join(lines) + "\n")
    if options.report is not None:
        renew(options.report, lines, visits)
    return 0


def _soak(options: argparse.Namespace) -> int:
    from sim.soak.played import played

    _prepare(window=False, verbose=False)
    folder = _unused(options.out) if options.out else _new_folder() / "soak"
    return played(folder, options.visits, options.seed, options.report)


def _unattended(options: argparse.Namespace) -> int:
    from sim.soak.played import season_played

    _prepare(window=False, verbose=False)
    folder = _unused(options.out) if options.out else _new_folder() / "season"
    return season_played(folder, options.seed, options.days, options.report)


def _workbench(options: argparse.Namespace) -> int:
    """Serve the workbench's page until Ctrl+C."""
    from sim.workbench.bench import Workbench
    from sim.workbench.server import served

    _prepare(window=False, verbose=False)
    bench = Workbench(_unused(options.out) if options.out else _new_folder())
    with served(bench, options.port) as address:
        sys.stdout.write(f"workbench: {address} (Ctrl+C ends it)\n")
        sys.stdout.flush()
        # the handler of SDL, pygame's library, would only close a window
        signal.signal(signal.SIGTERM, lambda *_: bench.stop())
        with contextlib.suppress(KeyboardInterrupt):
            bench.run()
    return 0


def _login(options: argparse.Namespace) -> int:
    from sim.demo import tell_login

    return tell_login(options.folder)


def _replay(options: argparse.Namespace) -> int:
    """Print the screens of each visit, and save them as a contact sheet."""
    from sim.replay import replay_visits

    if not options.journal.is_file():
        sys.stderr.write(f"sim: {options.journal}: there is no such file. Check the path.\n")
        return 2
    try:
        config = BoothConfig() if options.config is None else load_config(options.config)
        out = options.out or _new_folder()
        out.mkdir(parents=True, exist_ok=True)
        number = 0
        for number, visit in enumerate(
            replay_visits(options.journal, config, calibrated=options.config is not None, anyway=options.anyway), 1
        ):
            sheet = out / f"visit-{number:03}.png"
            visit.sheet.save(sheet)
            sys.stdout.write(f"visit {number}: {sheet}\n" + "".join(f"{line}\n" for line in visit.lines))
    except ConfigFault as fault:
        sys.stderr.write(f"sim: {fault}\n")
        return fault.exit_code
    except (JournalError, ProfileError, CalibrationFault) as fault:
        sys.stderr.write(f"sim: {options.journal}: {fault}\n")
        return 1
    return 0


def _booth(options: argparse.Namespace) -> int:
    from kiosk.commands.run import keep_running
    from sim.play.station import Station

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        station = Station(load_config(options.config), options.twins, options.hands, library=options.library)
    except ConfigFault as fault:
        sys.stderr.write(f"sim: {fault}\n")
        return fault.exit_code
    with closing(station):
        return keep_running(station.build, station.calibrate)


def _calibrate(options: argparse.Namespace) -> int:
    """Print the true values and those that `kiosk calibrate` found, as one JSON object."""
    from sim.calibrating import CalibrationBooth

    _prepare(window=False, verbose=False)
    booth = CalibrationBooth(options.out or _new_folder())
    result = booth.calibrate()
    sys.stderr.write("".join(f"{words}\n" for words in booth.messages))
    sys.stdout.write(json.dumps({"truth": asdict(booth.truth), "found": result.report()}) + "\n")
    return 0


def _portraits(folder: Path | None) -> list[Path | None]:
    if folder is None:
        return [None]
    from sim.people import people_in

    try:
        return [person.path for person in people_in(folder)]
    except ValueError as fault:
        raise ScenarioFault(f"{fault}.") from fault


def _new_folder() -> Path:
    """A new folder in `OUT`. Its path is absolute, because configurations accept no other paths."""
    OUT.mkdir(exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="run-", dir=OUT)).resolve()


def _unused(folder: Path) -> Path:
    """`folder`, or the first of folder-2, folder-3 ... that does not exist, so that no run starts in another run's
    folder. The path is absolute, because configurations accept no other paths."""
    folder = folder.resolve()
    numbered = (folder.with_name(f"{folder.name}-{number}") for number in count(2))
    return next(path for path in chain([folder], numbered) if not path.exists())


def _log_errors() -> None:
    """Log errors only, so that the printed figures stay readable. Called before the office's commands set up the
    logging of each job and request."""
    handler = logging.StreamHandler(sys.stderr)
    # The uplink's log is left out altogether, because a season damages shots on purpose.
    handler.addFilter(lambda record: not record.name.startswith("kiosk.uplink"))
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s", handlers=[handler])


def _prepare(*, window: bool, verbose: bool) -> None:
    if not window:
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    logging.basicConfig(
        level=logging.INFO if verbose else logging.CRITICAL, format="%(name)s: %(message)s", stream=sys.stderr
    )


if __name__ == "__main__":
    sys.exit(main())
