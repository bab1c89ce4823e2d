// The head laid straight: the picture around it in the face's own coordinates. Unit: the distance of the outer eye
// corners; origin between them; x along the eye line, y down the face. As `kiosk/vision/checks/headmap.py`.
import { NUMBERS } from "./numbers.js";
import { clamp, labOf, shrunk, warped } from "./pixels.js";

const { headmap: H, landmarks } = NUMBERS;
const WIDTH = Math.round(2 * H.REACH_X * H.UNIT_PX), HEIGHT = Math.round((H.ABOVE + H.BELOW) * H.UNIT_PX);

export function headMap(picture, face) {
  const [left, right] = [landmarks.EYE_L_CORNERS[0], landmarks.EYE_R_CORNERS[0]].map((index) => face.mesh[index]);
  const along = [right[0] - left[0], right[1] - left[1]], unit = Math.hypot(...along);
  const [cosine, sine] = along.map((value) => value / unit), origin = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
  const toUnits = ([x, y]) => {
    const [across, down] = [x - origin[0], y - origin[1]];
    return [(cosine * across + sine * down) / unit, (cosine * down - sine * across) / unit];
  };
  const toMap = ([x, y]) => [(x + H.REACH_X) * H.UNIT_PX, (y + H.ABOVE) * H.UNIT_PX];
  // First the picture is reduced by a whole factor, to nearly the map's scale.
  const scale = unit / H.UNIT_PX, factor = Math.max(1, Math.trunc(scale)), centre = (factor - 1) / 2;
  const small = factor === 1 ? picture : shrunk(picture, 0, 0, Math.trunc(picture.width / factor), Math.trunc(picture.height / factor), factor);
  const place = ([x, y]) => [
    (origin[0] + unit * (cosine * x - sine * y) - centre) / factor,
    (origin[1] + unit * (sine * x + cosine * y) - centre) / factor,
  ];
  const corner = place([-H.REACH_X, -H.ABOVE]), step = scale / factor;
  const map = warped(small, [step * cosine, -step * sine, corner[0], step * sine, step * cosine, corner[1]], WIDTH, HEIGHT);
  return {
    width: WIDTH,
    height: HEIGHT,
    lab: labOf(map),
    mesh: face.mesh.map(toUnits),
    lids: face.eyes.map((eye) => eye.lids.map(toUnits)),
    pupils: face.eyes.map((eye) => toUnits(eye.pupil)),
    toMap,
  };
}

// Columns and rows of the map for a box x0, y0, x1, y1 in units, at least one of each: [x0, y0, x1, y1], without the
// ends.
export function window([x0, y0, x1, y1]) {
  const column = (x) => clamp(Math.round((x + H.REACH_X) * H.UNIT_PX), 0, WIDTH - 1);
  const row = (y) => clamp(Math.round((y + H.ABOVE) * H.UNIT_PX), 0, HEIGHT - 1);
  return [column(x0), row(y0), Math.max(column(x0) + 1, column(x1)), Math.max(row(y0) + 1, row(y1))];
}
