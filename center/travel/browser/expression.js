// Eyes and mouth: the gaps between lids and between lips, compared with what the picture shows there. As
// `kiosk/vision/checks/expression.py`.
import { NUMBERS } from "./numbers.js";
import { lab, mean, meanColour, percentile } from "./pixels.js";
import { toCut } from "./square.js";

const { expression: E, headmap, landmarks } = NUMBERS;
const pick = (points, indices) => indices.map((index) => points[index]);

// Lid gap over eye width, of the smaller eye; reduced if neither the contrast in the gap nor the lid's arch shows an
// open eye.
export function eyesOpen(face) {
  return Math.min(...face.eyes.map((eye) => openness(eye) * shown(face, eye)));
}

function openness({ lids }) {
  return gap(pick(lids, E.UPPER_MIDDLE), pick(lids, E.LOWER_MIDDLE), lids[0], lids[8]);
}

function shown(face, { lids }) {
  const line = [(lids[0][0] + lids[8][0]) / 2, (lids[0][1] + lids[8][1]) / 2];
  const arch = gap(pick(lids, E.UPPER_MIDDLE), E.UPPER_MIDDLE.map(() => line), lids[0], lids[8]);
  const arched = (arch - E.ARCH_SHUT) / (E.ARCH_OPEN - E.ARCH_SHUT);
  return Math.min(1, Math.max(contrast(face, lids) / E.EYE_CONTRAST, arched));
}

// Difference in L* between the bright and the dark places between the lids, in the face's cut.
function contrast({ crop, square }, lids) {
  const outline = hull(toCut(square, lids, crop.width).map((place) => place.map(Math.round)));
  const [columns, rows] = [0, 1].map((k) => outline.map((place) => place[k]));
  const seen = [];
  for (let y = Math.max(0, Math.min(...rows)); y <= Math.min(crop.height - 1, Math.max(...rows)); y++)
    for (let x = Math.max(0, Math.min(...columns)); x <= Math.min(crop.width - 1, Math.max(...columns)); x++)
      if (inside(outline, x, y)) seen.push(lab(...crop.data.subarray(3 * (y * crop.width + x), 3 * (y * crop.width + x) + 3))[0]);
  if (!seen.length) return 0;
  const sorted = Float32Array.from(seen).sort(), spare = Math.trunc(E.FROM_ENDS * sorted.length);
  return sorted[sorted.length - 1 - spare] - sorted[spare];
}

const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (places) => {
    const chain = [];
    for (const place of places) {
      while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), place) <= 0) chain.pop();
      chain.push(place);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

const inside = (outline, x, y) => outline.every((place, k) => turn(place, outline[(k + 1) % outline.length], [x, y]) >= 0);

// Gap of the lips over the mouth's width, from the mesh's gap and from the gap seen in the picture, which counts most.
export function mouthOpen(face) {
  const [left, right] = pick(face.mesh, landmarks.MOUTH_CORNERS);
  const drawn = gap(pick(face.mesh, landmarks.LIPS_INNER_TOP.slice(2, 5)), pick(face.mesh, landmarks.LIPS_INNER_BOTTOM.slice(2, 5)), left, right);
  return (1 - E.SEEN_COUNTS) * drawn + E.SEEN_COUNTS * betweenLips(face);
}

// Height of what is seen between the lips and is no lip, over the mouth's width; median of three columns.
function betweenLips({ crop, mesh, square }) {
  const places = toCut(square, mesh, crop.width), [left, right] = pick(places, landmarks.MOUTH_CORNERS);
  const down = [-(right[1] - left[1]), right[0] - left[0]];
  const colour = ([x, y]) => lab(...meanColour(crop, x, y));
  const between = (one, other) => [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
  const columns = E.LIP_COLUMNS.map((column) => pick(places, column));
  const lips = columns.flatMap(([top, innerTop, innerBottom, bottom]) => [colour(between(top, innerTop)), colour(between(innerBottom, bottom))]);
  const [lipLight, lipRed] = [0, 1].map((k) => mean(lips.map((one) => one[k]).sort((a, b) => a - b).slice(2, 4)));
  const shares = columns.map(([, innerTop, innerBottom]) => {
    const seam = between(innerTop, innerBottom);
    const seen = Array.from({ length: E.SEAM_STEPS }, (_, k) => {
      const step = E.SEAM_REACH * ((2 * k) / (E.SEAM_STEPS - 1) - 1);
      const [light, red] = colour([seam[0] + step * down[0], seam[1] + step * down[1]]);
      return light + 16 < E.DARK * (lipLight + 16) || (light > lipLight + E.LIGHTER && red < lipRed - E.LESS_RED);
    });
    return mean(seen.map(Number));
  });
  return 2 * E.SEAM_REACH * shares.sort((a, b) => a - b)[1];
}

// Height of the teeth between the lips, over the mouth's width; 0 if no teeth are seen.
export function teeth({ width, lab: [light, red], toMap, mesh }) {
  const edge = (indices) => pick(mesh, indices).map(toMap);
  const innerTop = edge(landmarks.LIPS_INNER_TOP), innerBottom = edge(landmarks.LIPS_INNER_BOTTOM);
  const outerTop = edge(landmarks.UPPER_LIP), outerBottom = edge(landmarks.LOWER_LIP);
  const start = innerTop[0][0], mouth = innerTop.at(-1)[0] - start;
  const first = Math.trunc(start + E.FROM_CORNERS * mouth), last = Math.trunc(innerTop.at(-1)[0] - E.FROM_CORNERS * mouth);
  if (last - first < 1) return 0;
  const columns = Array.from({ length: last - first + 1 }, (_, k) => first + k);
  const colour = (column, row) => {
    const around = [-1, 0, 1].map((k) => row * width + column + k);
    const lightness = mean(around.map((at) => light[at]));
    return [lightness, mean(around.map((at) => red[at])) / (lightness + 16)];
  };
  const rows = columns.map((column) => [innerTop, innerBottom, outerTop, outerBottom].map((line) => along(line, column)));
  const lips = rows.flatMap(([top, bottom, above, below], k) => [colour(columns[k], Math.trunc((top + above) / 2)), colour(columns[k], Math.trunc((bottom + below) / 2))]);
  const [lipLight, lipRed] = [0, 1].map((k) => percentile(lips.map((one) => one[k]), 50));
  const reach = E.TEETH_REACH * headmap.UNIT_PX;
  const heights = columns.map((column, k) => {
    let height = 0;
    for (let row = Math.trunc(rows[k][0] - reach); row <= Math.trunc(rows[k][1] + reach); row++) {
      const [lightness, redness] = colour(column, row);
      if (redness < E.TOOTH_RED * lipRed && lightness > E.TOOTH_LIGHT * lipLight) height++;
    }
    return height;
  });
  return (E.TEETH_COUNT * percentile(heights, E.SHOWN)) / mouth;
}

// The height of a line of points, left to right, at a column.
function along(line, column) {
  if (column <= line[0][0]) return line[0][1];
  const next = line.findIndex((place) => place[0] >= column);
  if (next < 0) return line.at(-1)[1];
  const [one, other] = [line[next - 1], line[next]];
  return one[1] + ((other[1] - one[1]) * (column - one[0])) / (other[0] - one[0]);
}

// Mean gap between two rows of points, at right angles to the line of two corners, over their distance.
function gap(upper, lower, one, other) {
  const along = [other[0] - one[0], other[1] - one[1]], width = Math.hypot(...along);
  const across = [-along[1] / width, along[0] / width];
  const wide = mean(upper.map((place, k) => (lower[k][0] - place[0]) * across[0] + (lower[k][1] - place[1]) * across[1]));
  return Math.max(0, across[1] >= 0 ? wide : -wide) / width;
}
