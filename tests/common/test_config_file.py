"""Rules of configuration files, whatever they configure."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from common.config_file import MAX_BYTES, ConfigFault, read_config
from common.fields import ConfigModel, FilePath


class Inner(ConfigModel):
    """A section."""

    count: int = Field(default=1, ge=0, le=9, description="how many")
    file: FilePath | None = Field(default=None, description="where")


class Outer(ConfigModel):
    """A configuration."""

    name: str = Field(default="", max_length=3)
    inner: Inner = Inner()


def fault(folder: Path, data: bytes) -> ConfigFault:
    path = folder / "some.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigFault) as caught:
        read_config(Outer, path)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[inner]\ncount = 10", 2),
        ("inner.count = 10", 1),
        ("\n\ninner = { count = 10 }", 3),
        ('name = """a\nb"""\n# count = 1\n[inner]\n\ncount = 10', 6),
        ("[inner]\ncount = 3\nfile = 'x'", 3),
    ],
)
def test_the_line_is_the_one_where_the_key_begins(tmp_path: Path, text: str, line: int) -> None:
    assert fault(tmp_path, text.encode()).findings[-1].line == line


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[inner\n", "some.toml:1: is not TOML"),
        (b"a = " + b"[" * 5000, "some.toml: is not TOML"),
        (b"a = " + b"9" * 5000, "some.toml: is not TOML"),
        (b"a = 1\na = 2\n", "some.toml:2: is not TOML"),
        (b"a = 1\n\xff", "is not UTF-8 text (line 2)"),
        (b"inner = 3", "inner must be a section"),
        (b"[iner]\ncount = 1", "iner is no key of the configuration"),
        (b"#" * (MAX_BYTES + 1), "has more than"),
    ],
)
def test_what_is_no_configuration_is_said_to_be_none(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in str(fault(tmp_path, data))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="cannot be read") as caught:
        read_config(Outer, tmp_path)
    assert caught.value.exit_code == 1


def test_no_such_file_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="there is no such file") as caught:
        read_config(Outer, tmp_path / "none")
    assert caught.value.exit_code == 2


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_file_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    with contextlib.suppress(ConfigFault):
        read_config(Outer, path)
