"""Carries out the session's effects by calling adapters. Nothing in this module waits; adapters report the results as
events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from common.latest_slot import LatestSlot
from kiosk.core.events import PhotoLost, RosterAnswered, SeasonState, SeasonTold, Token
from kiosk.core.session import effects as fx
from kiosk.ports.camera import Camera
from kiosk.ports.clock import Clock
from kiosk.ports.eye import Eye
from kiosk.ports.frames import Frame
from kiosk.ports.outbox import ShotSaver
from kiosk.ports.worker import Emit
from kiosk.runtime.identity_resolver import IdentityResolver
from kiosk.runtime.office_season import OfficeSeason
from kiosk.runtime.staff_call import StaffCall
from kiosk.runtime.submission import Submissions
from rules.season import season_state


class IdentityReader(Protocol):
    """An adapter that reads identities, but only while listening."""

    def listen(self, on: bool) -> None: ...


class LampSwitch(Protocol):
    """Sets the lamps to levels 0..1 of full power, or makes them dark. Reports `LampsTested` as soon as the light is
    steady."""

    def switch(self, on: bool, left: float = 0.0, right: float = 0.0) -> None: ...


@dataclass(frozen=True, slots=True)
class Adapters:
    """The adapters that effects use."""

    camera: Camera
    lights: LampSwitch
    eye: Eye
    identity_readers: tuple[IdentityReader, ...]
    saver: ShotSaver
    live: LatestSlot[Frame]
    wipe_screen: Callable[[], None]
    staff_call: StaffCall


class EffectRunner:
    """Runs effects. An effect id is run only once."""

    def __init__(
        self,
        adapters: Adapters,
        resolver: IdentityResolver,
        submissions: Submissions,
        season: OfficeSeason,
        emit: Emit,
        clock: Clock,
    ) -> None:
        self._adapters = adapters
        self._resolver = resolver
        self._submissions = submissions
        self._season = season
        self._emit = emit
        self._clock = clock
        self._last_id = 0
        self._shot_ns: dict[int, int] = {}
        self._shot_ids: dict[int, str] = {}  # the id of each shot, by the id of the effect that saves the shot

    def run(self, effect: fx.Effect) -> None:
        """Run one effect. If an effect with this id was already run, do nothing."""
        if effect.id <= self._last_id:
            return
        self._last_id = effect.id
        match effect:
            case fx.Listen() | fx.Watch() | fx.Light() | fx.Shoot() | fx.Finish():
                self._drive(effect)
            case fx.AskSeason():
                some_allowed = bool(self._season.allowed(self._clock.wall()))
                self._emit(SeasonTold(self._clock.now_ns(), self._season_now(), some_allowed))
            case fx.LookUp(key=key):
                self._look_up(effect.id, key)
            case fx.Recall(person=person, row=row):
                number = self._resolver.id_number(person, row)
                self._adapters.saver.recall(effect.id, number, self._resolver.one_of_several(number, row))
            case fx.Save():
                self._save(effect)
            case fx.Follow(kept=kept):
                self._adapters.saver.follow(effect.id, self._shot_ids[kept])
            case fx.CallStaff(screen=screen):
                self._adapters.staff_call.begin(effect.id, screen)
            case fx.EndCall():
                self._adapters.staff_call.end()
            case fx.DropTakes():
                self._drop_takes()
            case fx.Forget():
                self._forget()
            case _:
                raise TypeError(f"no one runs {type(effect).__name__}: add it to EffectRunner.run")

    def _drive(self, effect: fx.Listen | fx.Watch | fx.Light | fx.Shoot | fx.Finish) -> None:
        adapters = self._adapters
        match effect:
            case fx.Listen(on=on):
                # test the storage first: it is better to refuse the session than to take a photo that can't be saved
                if on:
                    adapters.saver.try_out()
                for reader in adapters.identity_readers:
                    reader.listen(on)
            case fx.Watch(on=on, sight=sight):
                adapters.eye.watch(on, sight)
            case fx.Light(on=on, left=left, right=right):
                adapters.lights.switch(on, left, right)
            case fx.Shoot():
                self._shoot(effect)
            case fx.Finish(take=take):
                adapters.eye.finish(take)

    def _shoot(self, order: fx.Shoot) -> None:
        self._shot_ns[order.take] = order.decided_ns
        if order.excused:
            self._adapters.eye.forgive(order.take)
        if order.waived is not None:
            self._adapters.eye.forgive(order.take, order.waived)
        self._adapters.eye.expect(order.id)
        self._adapters.camera.shoot(order.id, order.take, order.decided_ns)

    def _season_now(self) -> SeasonState:
        wall = self._clock.wall()
        return season_state(wall.moment, wall.synced, self._season.table()).state

    def _look_up(self, request: int, key: Token) -> None:
        rows = self._resolver.look_up(key, self._season.allowed(self._clock.wall()))
        self._emit(RosterAnswered(self._clock.now_ns(), request, key, rows))

    def _save(self, order: fx.Save) -> None:
        photo = self._adapters.eye.photo(order.take)
        if photo is None:
            self._emit(PhotoLost(self._clock.now_ns(), order.id))
            return
        manifest = self._submissions.manifest(order, photo, self._shot_ns[order.take])
        self._shot_ids[order.id] = manifest.shot_id
        self._adapters.saver.save(order.id, manifest, photo.jpeg, photo.original)

    def _drop_takes(self) -> None:
        self._adapters.eye.forget()
        self._adapters.live.clear()
        self._adapters.wipe_screen()
        self._adapters.saver.forget()
        self._submissions.forget()
        self._shot_ns.clear()
        self._shot_ids.clear()

    def _forget(self) -> None:
        self._drop_takes()
        self._adapters.staff_call.end()
        self._resolver.forget()
