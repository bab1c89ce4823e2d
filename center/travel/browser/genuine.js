// Is the picture a photograph as a camera took it, or a screenshot or a photographed print? No camera's picture has a
// straight line along its own rows that crosses person and wall. As `kiosk/vision/checks/genuine.py`.
import { boxOf } from "./faces.js";
import { NUMBERS } from "./numbers.js";
import { clamp, percentile, shrunk } from "./pixels.js";

const G = NUMBERS.genuine;

export function framed(picture, face) {
  const box = boxOf(face.mesh), factor = Math.max(1, Math.floor((box[2] - box[0]) / G.FACE_PX));
  const small = shrunk(picture, 0, 0, Math.floor(picture.width / factor), Math.floor(picture.height / factor), factor);
  const [x0, y0, x1, y1] = box.map((place) => place / factor), reach = G.BESIDE * (x1 - x0);
  const turned = { width: small.height, height: small.width, pixel: (x, y) => 3 * (x * small.width + y), data: small.data };
  const upright = { width: small.width, height: small.height, pixel: (x, y) => 3 * (y * small.width + x), data: small.data };
  const lines = [
    ...level(upright, [y0, y1], [(x0 + x1) / 2, reach], ["above", "below"]),
    ...level(turned, [x0, x1], [(y0 + y1) / 2, reach], ["left", "right"]),
  ];
  if (lines.some((line) => line.through && (line.flat || line.side === "below"))) return true;
  const sides = (some) => new Set(some.map((line) => line.side)).size;
  return sides(lines.filter((line) => line.flat)) >= G.SIDES || sides(lines) >= G.FOUND_SIDES;
}

// Lines along the rows, outside the face: {side, through: as long as the picture, flat: one colour beyond it}.
function level(view, [top, bottom], [centre, reach], names) {
  const first = Math.max(0, Math.trunc(centre - reach)), last = Math.min(view.width, Math.trunc(centre + reach) + 1);
  const lines = [];
  for (let row = 0; row + G.STEP_PX < view.height && last > first; row++) {
    let whole = 0, near = 0;
    for (let x = 0; x < view.width; x++) {
      const one = view.pixel(x, row), other = view.pixel(x, row + G.STEP_PX);
      let step = 0;
      for (let k = 0; k < 3; k++) step = Math.max(step, Math.abs(view.data[one + k] - view.data[other + k]));
      if (step > G.CLEAR) {
        whole++;
        if (x >= first && x < last) near++;
      }
    }
    const through = whole / view.width > G.WHOLE, beside = near / (last - first) > G.WHOLE;
    const line = row + Math.floor(G.STEP_PX / 2);
    if (!(through || beside) || (line >= top && line <= bottom)) continue;
    const before = line < top;
    const [start, end] = before ? [line - G.STRIP_PX[1], line - G.STRIP_PX[0]] : [line + G.STRIP_PX[0], line + G.STRIP_PX[1]];
    lines.push({ side: names[before ? 0 : 1], through, flat: isFlat(view, start, end, ...(through ? [0, view.width] : [first, last])) });
  }
  return lines;
}

function isFlat(view, start, end, first, last) {
  const [from, to] = [start, end].map((row) => clamp(row, 0, view.height));
  if (to - from < G.STRIP_PX[1] - G.STRIP_PX[0]) return false;
  const places = [];
  for (let row = from; row < to; row++) for (let x = first; x < last; x++) places.push(view.pixel(x, row));
  const middle = [0, 1, 2].map((k) => percentile(places.map((at) => view.data[at + k]), 50));
  const near = places.filter((at) => middle.every((value, k) => Math.abs(view.data[at + k] - value) <= G.FLAT));
  return near.length / places.length > G.FLAT_SHARE;
}
