"""Rules of the slot: the newest wins, every reader counts what it missed, cleared means gone."""

from common.latest_slot import LatestSlot


def test_a_reader_gets_the_newest_item_once_and_counts_what_it_missed() -> None:
    slot: LatestSlot[str] = LatestSlot()
    reader = slot.reader()
    for item in ("a", "b", "c"):
        slot.put(item)
    assert reader.next() == "c"
    assert reader.next() is None


def test_readers_do_not_take_from_each_other() -> None:
    slot: LatestSlot[str] = LatestSlot()
    one, other = slot.reader(), slot.reader()
    slot.put("a")
    assert (one.next(), other.next()) == ("a", "a")


def test_a_cleared_slot_gives_nothing() -> None:
    slot: LatestSlot[str] = LatestSlot()
    reader = slot.reader()
    slot.put("a")
    slot.clear()
    assert reader.next() is None
