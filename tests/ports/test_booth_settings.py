"""Every setting of a booth has a range, a meaning and its place in this table; what clashes is named.

A new field fails these tests until its row says which values are taken and which are refused.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from common.config_file import ConfigFault, read_config
from common.fields import range_words, settings
from kiosk.__main__ import main
from kiosk.ports.clashes import clashes
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import dump_config, load_config

KEY = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"  # of age's own documentation
OTHER_KEY = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"
SECRET = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"

# Values as TOML writes them.
NO_NUMBERS = ["nan", "inf", "-inf", "true", '"3"', "1979-05-27", "1e400"]
PATHS = (
    ['"/dev/serial/by-id/usb-x-if00"'],
    ['"ttyUSB0"', '""', '"/dev/\\u0000x"', f'"/{"x" * 4096}"', '"/"', '"//."', "3", "[]"],
)
URLS = (
    ['"https://office.example.edu.cn"', '"https://10.0.0.7:8203"', '"http://127.0.0.1:8203/"'],
    [
        *('"office"', '"http://10.0.0.7"', '"https://a:b@office"', '"https://office:0"', '"https://office:65536"'),
        *('"https://office:x"', '"https://of fice"', '"ftp://office"', '"https://"', '"https://office?x=1"', "8203"),
        *('"https://[::1"', '"https://."', '"https://@office"', '"https://a..b"', '"https://a%00b"', '"https://-a"'),
    ],
)
YES_NO = (["true", "false"], ["1", '"yes"', "[]"])


def whole(least: int, most: int) -> tuple[list[str], list[str]]:
    """A whole number with both ends in its range."""
    return [f"{least}", f"{most}"], [f"{least - 1}", f"{most + 1}", f"{10**400}", "1.5", *NO_NUMBERS]


def sizes(least: int, most: int, step: int, taken: Sequence[str]) -> tuple[list[str], list[str]]:
    """Two whole numbers."""
    wrong = [f"[{least - step}, {least}]", f"[{most}, {most + step}]", "[0, 0]", "[-720, 1280]", f"[{least}]", "[]"]
    return list(taken), [*wrong, "720", '"720x1280"', "[nan, 720]", f"[{least}, {least}, {least}]"]


DAYS = whole(1, 3650)
TABLE: dict[str, tuple[list[str], list[str]]] = {
    "profile": (['"jiangsu-2019"', '"national-2017"'], ['"mars-2030"', '""', '"../jiangsu-2019"', "2019"]),
    "camera.main_size": sizes(160, 9248, 2, ["[4608, 2592]", "[1920, 1080]", "[9248, 5202]"]),
    "camera.lores_size": sizes(160, 9248, 2, ["[1280, 720]", "[640, 360]"]),
    "camera.buffer_count": whole(2, 8),
    "camera.frame_timeout_ms": whole(100, 60_000),
    "camera.shot_timeout_ms": whole(200, 60_000),
    "camera.burst_frames": whole(1, 8),
    "camera.lens_position": (["0", "1.5", "32.0"], ["-0.1", "32.1", *NO_NUMBERS]),
    "camera.colour_gains": (
        ["[1.8, 2.2]", "[1, 32.0]"],
        ["[nan, -1.0]", "[0, 1]", "[1, 32.1]", "[1]", "[inf, 1]", "2"],
    ),
    "camera.calibrate_days": DAYS,
    "lamps.left_pin": (["12", "18"], ["13.5", "22", "0", "-1", "14", '"GPIO12"', "true"]),
    "lamps.right_pin": (["13", "19"], ["12.5", "22", "0", "-1", "14", '"GPIO13"', "true"]),
    "lamps.key_pin": whole(2, 27),
    "lamps.level": (["0.05", "1", "0.7"], ["0", "-0.1", "1.01", *NO_NUMBERS]),
    "lamps.settle_ms": whole(0, 5_000),
    "lamps.pwm_hz": whole(1_000, 100_000),
    "card.port": PATHS,
    "card.baud": (["9600", "115200"], ["1200", "0", "-9600", "9600.5", "true", '"9600"']),
    "card.poll_ms": whole(300, 500),
    "scanner.input_path": PATHS,
    "scanner.serial_port": PATHS,
    "scanner.before_camera": YES_NO,
    "office.url": URLS,
    "office.booth_id": (
        ['"booth-1"', '"7"'],
        ['""', '"Booth"', '"-a"', '"a b"', f'"{"a" * 64}"', '"亭"', "1", '"a\\n"'],
    ),
    "office.credential_file": PATHS,
    "office.connect_timeout_ms": whole(100, 30_000),
    "office.read_timeout_ms": whole(100, 30_000),
    "office.retry_first_ms": (["100", "300000"], ["99", f"{86_400_001}", *NO_NUMBERS]),
    "office.retry_most_ms": (["2000", "86400000"], ["999", "86400001", *NO_NUMBERS]),
    "office.verify_every_ms": whole(100, 86_400_000),
    "office.heartbeat_every_ms": whole(1_000, 86_400_000),
    "office.feeds_every_ms": (["3000", "86400000"], ["999", "86400001", *NO_NUMBERS]),
    "office.awaited_every_ms": (["500", "300000"], ["499", "86400001", *NO_NUMBERS]),
    "office.public_url": URLS,
    "office.most_kbit_s": whole(64, 10_000_000),
    "storage.folder": PATHS,
    "storage.floor_bytes": whole(0, 10**15),
    "storage.keep_days": whole(0, 3650),
    "storage.seal_to": (
        ["[]", f'["{KEY}"]', f'["{KEY}", "{OTHER_KEY}"]'],
        [f'["{KEY[:-1]}"]', f'"{KEY}"', f'["{SECRET}"]', "[1]"],
    ),
    "storage.secret_file": PATHS,
    "storage.roster_days": DAYS,
    "storage.person_days": DAYS,
    "storage.journal_days": DAYS,
    "desk.place": (['"一楼大厅"', f'"{"一" * 40}"'], ['""', '"  "', f'"{"一" * 41}"', '"a\\nb"', '"a\\u202eb"', "1"]),
    "desk.phone": (['"025-8000 0000"', '"+86 (25) 123"'], ['"12"', '"call us"', "110", f'"{"1" * 25}"']),
    "desk.port": whole(1_024, 65_535),
    "desk.picture_folder": PATHS,
    "desk.keep_pictures": YES_NO,
    "desk.webcam": PATHS,
    "desk.webcam_size": sizes(160, 9248, 2, ["[1920, 1080]", "[640, 480]"]),
    "display.size": (
        ["[720, 1280]", "[240, 7680]", "[800, 800]"],
        [*sizes(240, 7680, 1, [])[1], "[1280, 720]"],
    ),
    "display.diagonal_inch": (["5", "15.6", "65"], ["4.9", "65.1", "nan", '"7"']),
    "display.lower_edge_mm": (["300", "900", "1800"], ["299", "1801", "900.5", '"900"']),
    "display.fullscreen": YES_NO,
    "voice.enabled": (["true", "false"], ["1", '"yes"']),
    "service.pin_hash": (
        ['"scrypt-14-8-5$jnt7QoVMNytTCsJT-ZwAmg$Uh8h08OUFrkZc3iqBifs6sgR2Xa8b84SLoGThgowKtA"'],
        ['"204938"', '"scrypt-14-8-5$short$short"', "204938", '""'],
    ),
    "voice.device": (['"USB Audio"'], ['""', "1", '"two\\nlines"']),
    "voice.volume": (["0.05", "1", "0.6"], ["0", "1.01", "nan", '"loud"']),
    "voice.folder": (['"/srv/voice"'], ['"voice"', '""']),
    "earphone.input_path": (['"/dev/input/by-id/usb-event"'], ['"event3"', '""']),
    "display.language": (['"zh_CN"', '"en"'], ['"francais"', '""', "1"]),
    "display.languages": (['["zh_CN"]', '["en", "zh_TW", "zh_CN"]'], ['["zh_CN", "zh_CN"]', "[]", '"en"']),
    "display.texts": PATHS,
}
TAKEN = [(key, value) for key, (values, _) in TABLE.items() for value in values]
REFUSED = [(key, value) for key, (_, values) in TABLE.items() for value in values]

FITTING = {
    ("lamps.left_pin", "18"): (("lamps.right_pin", "19"),),
}
"""What else the file must say for a value to be right."""


def written(folder: Path, *entries: tuple[str, str]) -> Path:
    """A file with these settings, each below its section."""
    sections: dict[str, list[str]] = {"": []}
    for key, value in entries:
        section, _, name = key.rpartition(".")
        sections.setdefault(section, [f"[{section}]", ""]).append(f"{name} = {value}")
    lines = [line for section in sections.values() for line in section]
    path = folder / "booth.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def only_finding(path: Path) -> tuple[str, int | None, str]:
    with pytest.raises(ConfigFault) as caught:
        load_config(path)
    (finding,) = caught.value.findings
    return finding.key, finding.line, str(caught.value)


def test_every_setting_is_in_the_table() -> None:
    assert set(TABLE) == set(settings(BoothConfig))


@pytest.mark.parametrize("key", settings(BoothConfig))
def test_every_setting_has_a_meaning_and_a_range_in_words(key: str) -> None:
    info = settings(BoothConfig)[key]
    assert info.description, f"{key} needs a description"
    assert range_words(info), f"{key} needs a range: both bounds, or a type of common/fields.py"


@pytest.mark.parametrize(("key", "value"), TAKEN)
def test_a_value_in_its_range_is_taken(tmp_path: Path, key: str, value: str) -> None:
    load_config(written(tmp_path, (key, value), *FITTING.get((key, value), ())))


@pytest.mark.parametrize(("key", "value"), REFUSED, ids=[f"{key}-{value[:30]}" for key, value in REFUSED])
def test_a_value_out_of_its_range_is_named_with_its_line_and_remedy(tmp_path: Path, key: str, value: str) -> None:
    path = written(tmp_path, (key, value))
    found, line, said = only_finding(path)
    assert found == key
    assert line == (3 if "." in key else 1)
    assert said.startswith(f"{path}:{line}: {key} = ")
    assert said.count("\n") == 0
    assert (range_words(settings(BoothConfig)[key]) or "?") in said
    assert "AGE-SECRET-KEY" not in said
    assert "a:b@" not in said


def test_all_that_is_wrong_is_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "booth.toml"
    path.write_text(
        "[camera]\nbuffer_count = 99 # too many\ncolour_gains = [\n  nan,\n  1.0,\n]\nmain_siz = [1, 2]\n\n[lamps]\n"
        'level = 0\nkey_pin = 12\n\n[scanner]\nserial_port = "/dev/ttyUSB0"\n'
    )
    with pytest.raises(ConfigFault) as caught:
        load_config(path)
    assert [(finding.line, finding.key) for finding in caught.value.findings] == [
        (2, "camera.buffer_count"),
        (3, "camera.colour_gains"),
        (7, "camera.main_siz"),
        (10, "lamps.level"),
        (11, "lamps.left_pin"),
        (14, "card.port"),
    ]
    assert "Did you mean camera.main_size?" in str(caught.value)


@pytest.mark.parametrize(
    "entries",
    [
        [("card.port", '"/dev/ttyACM0"'), ("scanner.serial_port", '"/dev/../dev/ttyACM0"')],
        [("card.port", '"/dev/input/event3"'), ("scanner.input_path", '"/dev/input/event3"')],
        [("scanner.input_path", '"/dev/input/event3"'), ("scanner.serial_port", '"/dev/ttyACM0"')],
        [("storage.seal_to", f'["{KEY}", "{KEY}"]')],
        [("lamps.left_pin", "13")],
        [("lamps.left_pin", "19")],
        [("lamps.key_pin", "12")],
        [("lamps.key_pin", "13")],
        [("card.port", '"/dev/serial0"'), ("lamps.key_pin", "15")],
        [("camera.lores_size", "[1280, 960]")],
        [("camera.main_size", "[640, 360]")],
        [("office.retry_first_ms", "60000"), ("office.retry_most_ms", "1000")],
        [("office.awaited_every_ms", "300001")],
        [("office.credential_file", '"/etc/kiosk/x"'), ("storage.secret_file", '"/etc/kiosk/x"')],
        [("storage.folder", '"/etc/kiosk/x"'), ("storage.secret_file", '"/etc/kiosk/x"')],
        [("display.languages", '["en"]')],
        [("card.port", '"/dev/x"'), ("scanner.serial_port", '"//dev/x"')],
        [("card.port", '"/dev/video0"'), ("desk.webcam", '"/dev/video0"')],
        [("office.url", '"http://localhost:8204"')],
        [("desk.port", "8203")],
        [("storage.folder", '"/srv/a"'), ("desk.picture_folder", '"/srv/a"')],
        [("storage.folder", '"/srv/a"'), ("desk.picture_folder", '"/srv/a/b/../c"')],
        [("storage.folder", '"/srv/a/b"'), ("desk.picture_folder", '"/srv"')],
        [("office.credential_file", '"/etc/kiosk/../x"'), ("storage.secret_file", '"/etc/x"')],
        [("camera.main_size", "[960, 640]"), ("camera.lores_size", "[1920, 1280]")],
    ],
)
def test_settings_that_clash_are_named_together(tmp_path: Path, entries: list[tuple[str, str]]) -> None:
    key, line, said = only_finding(written(tmp_path, *entries))
    assert key in settings(BoothConfig)
    assert line is not None
    for name, _ in entries:
        assert name in said


def test_two_names_of_one_device_are_a_clash(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    path = written(tmp_path, ("card.port", f'"{tmp_path}/ttyUSB0"'), ("scanner.serial_port", f'"{tmp_path}/by-id"'))
    assert "are one device" in only_finding(path)[2]


def test_a_wrong_value_hides_no_clash_and_makes_none(tmp_path: Path) -> None:
    both = written(tmp_path, ("lamps.key_pin", "13"), ("camera.buffer_count", "99"))
    with pytest.raises(ConfigFault) as caught:
        load_config(both)
    assert {finding.key for finding in caught.value.findings} == {"camera.buffer_count", "lamps.right_pin"}
    assert only_finding(written(tmp_path, ("scanner.serial_port", '"ttyUSB0"')))[0] == "scanner.serial_port"


def test_the_defaults_do_not_clash() -> None:
    assert list(clashes(BoothConfig())) == []


def test_a_booth_made_in_code_is_held_to_the_same_rules() -> None:
    lamps = BoothConfig().lamps.model_copy(update={"left_pin": 13})
    with pytest.raises(ValueError, match=r"left_pin and lamps\.right_pin: both are 13"):
        BoothConfig(lamps=lamps)


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read(tmp_path: Path) -> None:
    path = tmp_path / "booth.toml"
    path.write_bytes(b'\xef\xbb\xbfprofile = "jiangsu-2019"\r\n[card]\r\nport = "/dev/serial/by-id/x"\r\n')
    assert load_config(path).card.port == "/dev/serial/by-id/x"
    path.write_bytes(b"\xef\xbb\xbf[card]\r\nbaud = 1\r\n")
    assert only_finding(path)[1] == 2


NOT_TEXT = {
    "UTF-16": ("[card]\nbaud = 9600\n".encode("utf-16"), "is UTF-16 text"),
    "UTF-16 without its mark": ("[card]\nbaud = 9600\n".encode("utf-16-le"), "UTF-16 text, or no text"),
    "GBK": ("[lamps]\n# 补光灯\nlevel = 1\n".encode("gbk"), "is not UTF-8 text (line 2)"),
    "typographic quotes": ("profile = “jiangsu-2019”\n".encode(), "the line holds “ (U+201C)"),
    "a full-width sign": ("[card]\nbaud ＝ 9600\n".encode(), "the line holds ＝ (U+FF1D)"),
    "Chinese brackets": ("【card】\nbaud = 9600\n".encode(), "the line holds 【 (U+3010)"),
    "a blank that is none": ("[card]\n\u00a0baud = 9600\n".encode(), "the line holds (U+00A0)"),
    "a byte order mark in the middle": ("[card]\n\ufeffbaud = 9600\n".encode(), "the line holds (U+FEFF)"),
    "a key twice": (b"[card]\nbaud = 9600\nbaud = 115200\n", "The key stands there twice"),
    "a section twice": (b"[card]\nbaud = 9600\n[card]\n", "Cannot declare ('card',) twice"),
    "a text without quotes": (b"profile = jiangsu-2019\n", "Write texts in quotes"),
    "another language's truth": (b"[voice]\nenabled = True\n", "true and false in small letters"),
    "another format": (b"card:\n  baud: 9600\n", "Write each setting as key = value"),
    "a section as a list": (b"[[card]]\nbaud = 9600\n", "Write [card] and its keys below it"),
    "a section of nearly its name": (b"[cameras]\nburst_frames = 3\n", "Did you mean [camera]?"),
    "a section in capitals": (b"[Camera]\nburst_frames = 3\n", "Did you mean [camera]?"),
    "a key of another section": (b"[camera]\nlevel = 0.5\n", "Did you mean lamps.level?"),
    "a key above all sections": (b"baud = 9600\n", "Did you mean card.baud?"),
    "a key with a hyphen": (b'[office]\nbooth-id = "a"\n', "Did you mean office.booth_id?"),
    "a key in quotes": (b'"card.baud" = 9600\n', "Write [card], and baud below it, without quotes"),
    "a key of nothing": (b'"" = 1\n', "(nothing) is no key"),
}


@pytest.mark.parametrize("name", NOT_TEXT)
def test_what_editors_and_other_formats_bring_in_is_named_with_its_cause_and_remedy(tmp_path: Path, name: str) -> None:
    data, words = NOT_TEXT[name]
    path = tmp_path / "booth.toml"
    path.write_bytes(data)
    assert words in only_finding(path)[2]


@pytest.mark.parametrize(
    "text", ["\ufeff\ufeff[card]\nbaud = 9600\n", "[card]\rbaud = 9600\r", "[card]\r\nbaud = 9600"]
)
def test_every_kind_of_line_end_and_marks_at_the_beginning_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "booth.toml"
    path.write_bytes(text.encode())
    assert load_config(path).card.baud == 9600


def test_the_command_says_every_finding_and_no_such_file_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, ("camera.buffer_count", "99"), ("lamps.level", "nan"))
    assert main(["config", str(path)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert main(["config", str(path), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [finding["key"] for finding in told["findings"]] == ["camera.buffer_count", "lamps.level"]
    assert {"line", "key", "problem", "remedy"} <= told["findings"][0].keys()
    assert main(["config", str(tmp_path / "none.toml")]) == 2


def test_what_is_printed_is_a_configuration_with_every_setting_and_the_page_shows_it(tmp_path: Path) -> None:
    text = dump_config(BoothConfig())
    path = tmp_path / "booth.toml"
    path.write_text(text, encoding="utf-8")
    assert read_config(BoothConfig, path) == BoothConfig()
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
    assert f"```toml\n{text}```" in page, "run: .venv/bin/kiosk config, and put it into docs/configuration.md"
