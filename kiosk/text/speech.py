"""What the booth says: a fixed set of prompts by message id in every language, and the place of each prompt's
recording.

A prompt says the text that the screen shows under the same id, or the text that `spoken/LANGUAGE.toml` has instead. No
prompt contains a value: names, numbers and places are never spoken. `scripts/voice` makes the recordings once. A list
contains for each recording the hash of the spoken text.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from common.catalog import read_messages
from kiosk.text.catalog import LANGUAGES, VOICE, load
from kiosk.text.consent import CONSENT_ROWS

FOLDER = Path(str(files("kiosk.text"))) / "recordings"
"""The recordings that come with the program: `LANGUAGE/MESSAGE.ogg`, and `LANGUAGE.toml` with the hashes."""

SECTIONS = ("again", "doubt", "finish", "flag", "guide", "help", "hint", "shoot", "warn")
"""The sections of the catalog in which every message is a prompt."""

SHOWN_ONLY = ("hint.none",)

PROMPTS = (
    *("approved.school", "approved.staff", "approved.title", "attract.title"),
    *(
        "confirm.allowed",
        "confirm.data_wrong",
        "confirm.photographed",
        "confirm.takes_kept",
        "school.records",
        "school.records_ask",
        "school.records_line",
    ),
    *("card_left.line", "card_left.note", "card_left.title"),
    "capture.title",
    *("choose.ask", "choose.ask_last", "choose.doubt_kept", "choose.doubt_other", "choose.doubt_retake"),
    *("choose.excused", "choose.failed_kept", "choose.failed_other", "choose.failed_retake", "choose.no_more"),
    *("choose.title", "choose.title_none", "choose.title_one", "choose.title_wait", "choose.true"),
    *("consent.ask", "consent.before", "consent.never", "consent.title", "confirm.title"),
    *(f"consent.{row}_text" for row in CONSENT_ROWS),
    *("done.leave_soon", "done.next_card", "done.next_school", "done.receipt", "done.title", "done.with_staff"),
    *("identify.card_line", "identify.card_off", "identify.code_line", "identify.code_line_camera"),
    *("identify.no_card", "identify.title_card", "identify.title_code", "identify.title_either"),
    *("options.line", "options.title", "out_of_service.line", "out_of_service.title"),
    *("pose.booth_wrong", "pose.count", "pose.excused", "pose.status", "pose.tried_in_vain"),
    *("prepare.ask", "prepare.glasses_clear", "prepare.glasses_off", "prepare.hair_down", "prepare.hair_off_face"),
    *("prepare.no_hat", "prepare.no_jewellery", "prepare.no_makeup", "prepare.title", "prepare.top_contrast"),
    *("prepare.white_top", "reason.ask", "reason.line", "reason.private", "reason.title"),
    *("rejected.ask", "rejected.line", "rejected.no_reason", "rejected.quick", "rejected.title"),
    *("saving.title", "school.card", "school.line", "school.title"),
    *("staff_help.heard", "staff_help.says", "staff_help.may_see", "staff_help.seen", "staff_help.not_seen"),
    *("staff_help.by_hand", "staff_help.nothing_kept", "staff_help.stay", "staff_help.title", "staff_help.trying"),
    *("staff_help.where", "still_there.ask", "still_there.five", "still_there.line", "still_there.ten"),
    "still_there.title",
    *("wrong_top.ask", "wrong_top.contrast", "wrong_top.line", "wrong_top.title", "wrong_top.white"),
)
"""Single messages that are prompts."""

BUTTONS = (
    *(
        "accept",
        "agree",
        "agree_stills",
        "appointment",
        "ask_staff",
        "ask_top",
        "audio_guide",
        "back_home",
        "booth_wrong",
    ),
    *(
        "check_again",
        "confirm",
        "contrast",
        "data_right",
        "data_wrong",
        "decline",
        "end",
        "end_stills",
        "finish",
        "go_on",
        "help",
    ),
    *("hide_screen", "jewellery_off", "keep_top", "language", "large", "louder", "low", "more", "mute"),
    *("none_of_these", "not_me", "options", "options_close", "ready", "reason_eyes", "reason_head_cover"),
    *(
        "reason_other",
        "reason_skin",
        "record",
        "refuse_stills",
        "repeat",
        "retake",
        "retake_last",
        "school",
        "show_screen",
        "softer",
    ),
    *("start", "still_here", "take_again", "top_changed", "unmute"),
)
"""The names of buttons that the audio guide says."""

GUIDED = (
    *("bring_both", "bring_card", "button", "choices", "disabled", "met", "off", "on", "picked", "proposed"),
    *("switched_off", "switched_on", "unmet", "unseen", "welcome"),
)
"""What the audio guide says about itself, and about the state of the part that it reads."""

GUIDED_SCREENS = (
    *("card_left.closed", "choose.take_1", "choose.take_2", "choose.take_3"),
    *("closed.desk", "closed.title", "closed.wait_line", "out_of_service.service"),
    *("confirm.guided", "consent.no", "done.receipt_guided", "identify.no_card_guided", "identify.reader"),
    *("pose.tones", "prepare.ask_jewellery", "prepare.met", "school.guided", "school.records_guided"),
    *("season.after_season", "season.before_season", "season.closed_today", "season.not_a_working_day"),
    *("season.out_of_hours", "staff_help.says_guided", "staff_help.where_guided", "still_there.any_key"),
)
"""What the audio guide says instead of prompts for people who see, and on screens that are silent without it."""

CALLED = "number.called"
DIGITS = tuple(f"digit.{digit}" for digit in range(10))
NUMBERS = (CALLED, "number.none_called", "number.ended", "number.guided", *DIGITS)
"""What the audio guide says about the queue of numbers. These numbers are not personal data, because staff call them
aloud."""

SOUNDS = (
    *("sound.attention", "sound.done", "sound.shutter"),
    *("sound.near_1", "sound.near_2", "sound.near_3", "sound.near_4"),
)
"""The sounds, which are played like prompts. They are the same in every language."""


PROGRAMS_OWN: Mapping[str, str] = MappingProxyType({language: language for language in LANGUAGES})
"""Language of the screens -> language of the voice, for the texts and recordings of the program."""


def voices(languages: Iterable[str], texts: Path | None = None, own: Path | None = None) -> Mapping[str, str]:
    """Language of the screens -> language whose recordings are played: the same language, or the one that the message
    `app.voice` names.

    A language that has no recordings, neither here nor in the folder `own`, is left out. Raises `MissingText`.
    """
    named = {language: load(language, texts).messages.get(VOICE, language) for language in languages}
    recordings = [FOLDER, *([] if own is None else [own])]
    return MappingProxyType(
        {one: spoken for one, spoken in named.items() if any((folder / spoken).is_dir() for folder in recordings)}
    )


@cache
def prompts(language: str) -> Mapping[str, str]:
    """Every prompt of `language` with the text that is spoken. Raises `MissingText` if the language does not come with
    the program."""
    shown = load(language).messages
    spoken = read_messages("kiosk.text", f"spoken/{language}.toml")
    texts = {**shown, **spoken}
    whole = (prompt for prompt in shown if prompt.split(".")[0] in SECTIONS and prompt not in SHOWN_ONLY)
    guided = (*(f"button.{name}" for name in BUTTONS), *(f"audio_guide.{name}" for name in GUIDED), *GUIDED_SCREENS)
    wanted = sorted({*whole, *PROMPTS, *guided, *NUMBERS})
    return MappingProxyType({prompt: texts[prompt].replace("\n", "") for prompt in wanted})


def number_prompt(numbers: Iterable[str]) -> str:
    """The prompt that says the called numbers, digit by digit. It is one prompt with several recordings (`parts`)."""
    return ":".join((CALLED, *numbers))


def parts(prompt: str) -> tuple[str, ...]:
    """The prompts whose recordings are played one after the other for `prompt`: `prompt` itself, or a text and
    digits."""
    text, *numbers = prompt.split(":")
    return (text, *(f"digit.{digit}" for number in numbers for digit in number))


def text_hash(text: str) -> str:
    """The hash of a text, as the list of recordings contains it."""
    return sha256(text.encode("utf-8")).hexdigest()[:16]


def recorded(language: str) -> Mapping[str, str]:
    """For each prompt with a recording in `FOLDER`, the hash of the spoken text; empty if it has no list."""
    path = FOLDER / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8")).get("texts", {}) if path.exists() else {}


def stale(language: str) -> list[str]:
    """The prompts of `language` that have no recording, or whose text has changed after the recording was made."""
    hashes = recorded(language)
    return [
        prompt
        for prompt, text in prompts(language).items()
        if hashes.get(prompt) != text_hash(text) or not recording(language, prompt).exists()
    ]


def recording(language: str, prompt: str, own: Path | None = None) -> Path:
    """The file with the recording of `prompt`: the file in the folder `own` if it exists, else the program's file,
    which may be missing."""
    name = f"{prompt}.ogg" if prompt in SOUNDS else f"{language}/{prompt}.ogg"
    return own / name if own is not None and (own / name).exists() else FOLDER / name
