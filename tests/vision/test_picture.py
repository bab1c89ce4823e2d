"""Bad files are refused with what is wrong and what to do; good ones come upright and in sRGB."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from kiosk.vision.photo.picture import BadPicture, read_picture

SIZE = (320, 400)


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)  # type: ignore[arg-type]  # Pillow's options are free-form
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BadPicture) as caught:
        read_picture(path)
    return str(caught.value)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that promises `width` x `height` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_a_plain_picture_is_read_as_it_is(tmp_path: Path) -> None:
    rgb = read_picture(saved(tmp_path / "a.png", Image.new("RGB", SIZE, (10, 20, 30))))
    assert rgb.shape == (400, 320, 3)
    assert rgb[5, 5].tolist() == [10, 20, 30]


def test_a_picture_on_its_side_is_turned_by_its_exif(tmp_path: Path) -> None:
    image = Image.new("RGB", SIZE, (0, 0, 0))
    image.paste((255, 255, 255), (0, 0, 320, 40))
    exif = image.getexif()
    exif[0x0112] = 6
    rgb = read_picture(saved(tmp_path / "a.png", image, exif=exif))
    assert rgb.shape == (320, 400, 3)
    assert rgb[:, -20].mean() > 250


@pytest.mark.parametrize(
    ("mode", "words"),
    [("CMYK", "CMYK"), ("L", "grey"), ("I;16", "I;16"), ("F", "8 bits")],
)
def test_pixel_formats_that_are_no_colour_photo_are_refused_with_the_remedy(
    tmp_path: Path, mode: str, words: str
) -> None:
    assert words in refusal(saved(tmp_path / "a.tif", Image.new(mode, SIZE)))


def test_transparency_is_refused_and_an_opaque_alpha_is_not(tmp_path: Path) -> None:
    opaque, clear = Image.new("RGBA", SIZE, (9, 9, 9, 255)), Image.new("RGBA", SIZE, (9, 9, 9, 120))
    assert read_picture(saved(tmp_path / "opaque.png", opaque)).shape == (400, 320, 3)
    assert "transparent" in refusal(saved(tmp_path / "clear.png", clear))


def test_a_missing_file_a_folder_and_a_text_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "letter.jpg"
    text.write_text("not a picture")
    assert "no such file" in refusal(tmp_path / "none.jpg")
    assert "not a file" in refusal(tmp_path)
    assert "JPEG, PNG" in refusal(text)


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (400, 400, 3)).astype(np.uint8)
    Image.fromarray(noise).save(file, "JPEG")
    half = tmp_path / "half.jpg"
    half.write_bytes(file.getvalue()[: len(file.getvalue()) // 2])
    assert "damaged" in refusal(half)


@pytest.mark.parametrize("size", [(60_000, 60_000), (12_000, 9_000)])
def test_a_small_file_that_promises_too_many_pixels_is_refused_unread(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(*size))
    assert "too large" in refusal(path)


def test_a_tiny_picture_is_refused(tmp_path: Path) -> None:
    assert "only 100 x 100" in refusal(saved(tmp_path / "a.png", Image.new("RGB", (100, 100))))


def test_an_animation_is_refused(tmp_path: Path) -> None:
    frames = [Image.new("RGB", SIZE, (shade, 0, 0)) for shade in (0, 200)]
    assert "2 pictures" in refusal(saved(tmp_path / "a.png", frames[0], save_all=True, append_images=frames[1:]))


def test_a_colour_profile_is_applied(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", SIZE, (100, 150, 200))
    rgb = read_picture(saved(tmp_path / "a.png", image, icc_profile=profile))
    assert np.abs(rgb[0, 0].astype(int) - (100, 150, 200)).max() <= 1
    assert "colour profile" in refusal(saved(tmp_path / "b.png", image, icc_profile=b"not a profile" * 20))


def adobe_rgb(srgb: tuple[int, int, int]) -> tuple[int, ...]:
    """The same colour in Adobe RGB (1998), by that standard's formulas: linear light, XYZ (D65), its own primaries."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    from_xyz = np.array([[2.04159, -0.56501, -0.34473], [-0.96924, 1.87597, 0.04156], [0.01344, -0.11836, 1.01517]])
    value = np.array(srgb) / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return tuple(int(one) for one in np.rint(255 * np.clip(from_xyz @ to_xyz @ light, 0, 1) ** (256 / 563)))


def exif_of_camera(index: str, colour_space: int) -> Image.Exif:
    """What a camera writes: the colour space, and the interoperability index."""
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = {0xA001: colour_space, ExifTags.IFD.Interop: {1: index, 2: b"0100"}}
    return exif


SKIN = (224, 172, 140)


@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_a_camera_set_to_adobe_rgb_is_believed_without_a_profile(tmp_path: Path, kind: str) -> None:
    image = Image.new("RGB", SIZE, adobe_rgb(SKIN))
    exif = exif_of_camera("R03", 0xFFFF)
    exif[ExifTags.Base.Orientation] = 6
    options = {"quality": 100, "subsampling": 0} if kind == "jpg" else {}
    rgb = read_picture(saved(tmp_path / f"_DSC0001.{kind}", image, exif=exif, **options))
    assert rgb.shape == (*SIZE, 3), "turned upright all the same"
    assert np.abs(rgb[0, 0].astype(int) - SKIN).max() <= 2
    assert np.abs(np.array(adobe_rgb(SKIN)) - SKIN).max() > 8, "the test would see it"


@pytest.mark.parametrize(("index", "colour_space"), [("R98", 1), ("R98", 0xFFFF), ("R03", 1), ("x", 0xFFFF)])
def test_any_other_exif_leaves_the_colours_as_srgb(tmp_path: Path, index: str, colour_space: int) -> None:
    image = Image.new("RGB", SIZE, SKIN)
    rgb = read_picture(saved(tmp_path / "a.png", image, exif=exif_of_camera(index, colour_space)))
    assert tuple(rgb[0, 0]) == SKIN


def test_an_embedded_profile_counts_more_than_the_exif(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", SIZE, SKIN)
    exif = exif_of_camera("R03", 0xFFFF)
    rgb = read_picture(saved(tmp_path / "a.png", image, exif=exif, icc_profile=profile))
    assert np.abs(rgb[0, 0].astype(int) - SKIN).max() <= 1
