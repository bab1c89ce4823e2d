"""Builds the manifest of an envelope from an accepted take."""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from kiosk.core.session.effects import Save
from kiosk.ports.clock import Clock, WallTime
from kiosk.ports.eye import FinishedPhoto
from kiosk.runtime.identity_resolver import IdentityResolver
from rules.profile import Profile
from wire.manifest import Manifest, Person, Times

RECEIPT_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""The 32 signs of a receipt. A person can tell them apart on a photograph: 0, O, 1 and I are left out."""
RECEIPT_SIGNS = 26  # each sign has 5 bits; nobody can guess 130 random bits


def new_receipt() -> str:
    """A random receipt code."""
    return "".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(RECEIPT_SIGNS))


class Submissions:
    """Builds manifests. The same take of the same session always gets the same shot id and receipt."""

    def __init__(
        self, booth_id: str, profile: Profile, resolver: IdentityResolver, clock: Clock, versions: Mapping[str, str]
    ) -> None:
        self._booth_id = booth_id
        self._profile = profile
        self._resolver = resolver
        self._clock = clock
        self._versions = dict(versions)
        self._by_take: dict[int, Manifest] = {}

    def manifest(self, order: Save, photo: FinishedPhoto, shot_ns: int) -> Manifest:
        """The manifest for `order`. The first call builds it; further calls return the same one."""
        known = self._by_take.get(order.take)
        if known is None:
            known = self._by_take[order.take] = self._build(order, photo, shot_ns)
        return known

    def forget(self) -> None:
        """Drop every manifest."""
        self._by_take.clear()

    def _build(self, order: Save, photo: FinishedPhoto, shot_ns: int) -> Manifest:
        now = self._clock.wall()
        return Manifest(
            shot_id=secrets.token_hex(16),
            booth_id=self._booth_id,
            receipt=new_receipt(),
            profile=self._profile.name,
            consent_version=self._profile.consent.version,
            person=self._person(order),
            identified_by=order.identified_by.value,
            opaque_codes=tuple(base64.b64encode(code).decode() for code in self._opaque(order)),
            flags=tuple(flag.value for flag in order.flags),
            times=Times(
                consented=self._at(order.consent_ns, now),
                shot=self._at(shot_ns, now),
                accepted=now.moment,
                clock_synced=now.synced,
            ),
            checks=tuple(dict(check) for check in photo.checks),
            finish=dict(photo.report),
            versions=self._versions,
        )

    def _at(self, at_ns: int, now: WallTime) -> datetime:
        """The wall time that belongs to the monotonic time `at_ns`, computed from the present times of both clocks."""
        return now.moment - timedelta(microseconds=(self._clock.now_ns() - at_ns) / 1000)

    def _opaque(self, order: Save) -> list[bytes]:
        codes = (self._resolver.code(token) for token in order.opaque_codes)
        return [code for code in codes if isinstance(code, bytes)]

    def _person(self, order: Save) -> Person:
        row = self._resolver.row(order.row)
        holder = self._resolver.holder(order.person)
        if row is not None:
            return Person.of_row(row, holder.number if holder else None)
        code = self._resolver.code(order.person)
        name, id_number = (holder.name, holder.number) if holder else ("", None)
        return Person.without_row(name, id_number, code if isinstance(code, str) else None)
