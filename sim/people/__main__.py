"""`python -m sim.people OUT.png`: write a contact sheet of the drawn people."""

import argparse
from pathlib import Path

import cv2

from sim.people.sheet import contact_sheet, groups_sheet


def main() -> None:
    """Write the sheet and print its path."""
    parser = argparse.ArgumentParser(prog="python -m sim.people", description="Draw the people of the simulator.")
    parser.add_argument("out", type=Path, help="picture to write, .png or .jpg")
    parser.add_argument("--width", type=int, default=2400, help="width of the sheet, pixels (default %(default)s)")
    parser.add_argument("--groups", action="store_true", help="the groups in whom checks err most, a row for each")
    args = parser.parse_args()
    if args.out.suffix.lower() not in (".png", ".jpg"):
        parser.error(f"{args.out.name}: the sheet is a .png or a .jpg; name it so")
    sheet = groups_sheet(args.width) if args.groups else contact_sheet(args.width)
    done, data = cv2.imencode(args.out.suffix.lower(), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    if not done:
        parser.error(f"{args.out.name}: the picture could not be written as {args.out.suffix}; try .png")
    args.out.write_bytes(data.tobytes())
    print(args.out)  # noqa: T201  the result


if __name__ == "__main__":
    main()
