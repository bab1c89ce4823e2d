// The turned square that is cut out of a picture for a network, and the way back. As `kiosk/vision/face/square.py`.
import { clamp, shrunk, warped } from "./pixels.js";

// {x, y, side, angle, mirrored}: centre and side in pixels, turned clockwise by `angle` radians.
export const square = (x, y, side, angle = 0, mirrored = false) => ({ x, y, side, angle, mirrored });

// The content of a square as a picture of size x size; black where the square lies outside `picture`.
export function cut(picture, { x, y, side, angle, mirrored }, size) {
  const cosine = (side / size) * Math.cos(angle), sine = (side / size) * Math.sin(angle);
  const flip = mirrored ? -1 : 1, half = (size - 1) / 2;
  const back = [
    flip * cosine, -sine, x - half * (flip * cosine - sine),
    flip * sine, cosine, y - half * (flip * sine + cosine),
  ];
  const factor = Math.trunc(side / size);
  if (factor < 2) return warped(picture, back, size, size);
  // The region is shrunk first; otherwise the cut would contain only some of its pixels, chosen by chance.
  const reach = (side * (Math.abs(Math.cos(angle)) + Math.abs(Math.sin(angle)))) / 2 + factor;
  const x0 = Math.max(0, Math.trunc(x - reach)), y0 = Math.max(0, Math.trunc(y - reach));
  const columns = Math.trunc((clamp(Math.trunc(x + reach) + 1, 0, picture.width) - x0) / factor);
  const rows = Math.trunc((clamp(Math.trunc(y + reach) + 1, 0, picture.height) - y0) / factor);
  if (columns < 1 || rows < 1) return warped(picture, back, size, size);
  const small = shrunk(picture, x0, y0, columns, rows, factor), offset = (factor - 1) / 2;
  const moved = back.map((value) => value / factor);
  moved[2] = (back[2] - x0 - offset) / factor;
  moved[5] = (back[5] - y0 - offset) / factor;
  return warped(small, moved, size, size);
}

// Converts points [x, y] or [x, y, z] from the square's own coordinates, 0..size, to pixels of the picture.
export function toPicture({ x, y, side, angle, mirrored }, points, size) {
  const scale = side / size, cosine = Math.cos(angle) * scale, sine = Math.sin(angle) * scale;
  return points.map(([column, row, depth = 0]) => {
    const across = (column - size / 2) * (mirrored ? -1 : 1), down = row - size / 2;
    return [across * cosine - down * sine + x, across * sine + down * cosine + y, depth * scale];
  });
}

// Converts points from pixels of the picture to pixels of the square's cut, which has size x size.
export function toCut({ x, y, side, angle, mirrored }, points, size) {
  const cosine = (Math.cos(angle) * size) / side, sine = (Math.sin(angle) * size) / side, half = (size - 1) / 2;
  return points.map(([column, row]) => {
    const across = (column - x) * cosine + (row - y) * sine, down = (row - y) * cosine - (column - x) * sine;
    return [(mirrored ? -across : across) + half, down + half];
  });
}
