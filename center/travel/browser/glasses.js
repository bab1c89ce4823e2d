// The lines of a frame on the skin: across the nose, below the eyes, at the temples. As `kiosk/vision/checks/eyewear.py`.
import { window } from "./headmap.js";
import { NUMBERS } from "./numbers.js";
import { percentile } from "./pixels.js";

const { eyewear: G, headmap } = NUMBERS;
const REACH = Math.round((G.BAND * headmap.UNIT_PX) / 2);

// How clearly a frame is seen, in steps of L* and b* against the skin: bridge, rims and temples together.
export function glasses(head) {
  const bands = [head.lab[0], head.lab[2]].map((plane) => smoothed(plane, head));
  const line = (box) => {
    const [x0, y0, x1, y1] = window(box), columns = [];
    for (let x = x0; x < x1; x++) {
      const [light, yellow] = bands.map((plane) => thinBands(plane, head, x, y0, y1));
      columns.push(Math.max(...light.map((value, k) => Math.hypot(value, G.YELLOW_COUNTS * yellow[k]))));
    }
    return percentile(columns, G.CROSSED);
  };
  const rims = head.pupils.map(([x, y], k) => {
    const lid = Math.max(...head.lids[k].slice(0, 9).map((place) => place[1]));
    return line([x - G.BELOW_HALF, lid + G.BELOW_FROM, x + G.BELOW_HALF, y + G.BELOW_TO]);
  });
  const nose = line([-G.NOSE_HALF, G.NOSE_FROM, G.NOSE_HALF, G.NOSE_TO]);
  return nose + Math.min(...rims) + Math.min(line(G.TEMPLE_L), line(G.TEMPLE_R));
}

// Each pixel averaged with its neighbours in the row.
function smoothed(plane, { width, height }) {
  const out = new Float32Array(plane.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const left = y * width + (x ? x - 1 : 1), right = y * width + (x < width - 1 ? x + 1 : width - 2);
      out[y * width + x] = (plane[left] + plane[y * width + x] + plane[right]) / 3;
    }
  return out;
}

// For each pixel of a column, rows y0..y1: how much darker or lighter it is than the pixels above and below a band as
// thick as a frame. This is the larger of black-hat and top-hat (the change that closing or opening by a bar of that
// length makes).
function thinBands(plane, { width, height }, x, y0, y1) {
  const low = Math.max(0, y0 - 2 * REACH), high = Math.min(height, y1 + 2 * REACH);
  const column = Array.from({ length: high - low }, (_, k) => plane[(low + k) * width + x]);
  const slid = (values, choose) => values.map((_, k) => choose(...values.slice(Math.max(0, k - REACH), k + REACH + 1)));
  const closed = slid(slid(column, Math.max), Math.min), opened = slid(slid(column, Math.min), Math.max);
  return column.map((value, k) => Math.max(closed[k] - value, value - opened[k])).slice(y0 - low, y1 - low);
}
