// How the head is held, by mesh and eyes together. As `kiosk/vision/checks/pose.py`.
import { NUMBERS } from "./numbers.js";
import { mean } from "./pixels.js";

const { landmarks, pose: P } = NUMBERS;
const degrees = (radians) => (radians * 180) / Math.PI;

// Degrees: roll +: the pupil at the picture's right is lower; yaw +: the nose points to the picture's right; pitch +: the
// chin is raised.
export function pose(face) {
  const [left, right] = face.eyes.map((eye) => eye.pupil);
  const [x, y, z] = noseDirection(landmarks.RIGID.map((index) => face.mesh[index]));
  const yaw = degrees(Math.atan2(x, -z)), meshPitch = degrees(Math.asin(Math.max(-1, Math.min(1, -y))));
  return {
    roll: degrees(Math.atan2(right[1] - left[1], right[0] - left[0])),
    yaw,
    pitch: pitchWithEyes(face, meshPitch),
  };
}

function pitchWithEyes(face, meshPitch) {
  const alone = P.ALONE_COUNTS * meshPitch;
  if (Math.min(...face.eyes.map(lidsApart)) < P.LIDS_APART) return alone;
  const irisUp = mean(face.eyes.map((eye, k) => irisHeight(eye, k ? -1 : 1)));
  const joined = (P.IRIS_COUNTS * (P.IRIS_UP - irisUp)) / P.IRIS_PER_DEG + (1 - P.IRIS_COUNTS) * meshPitch;
  return Math.abs(joined) >= Math.abs(alone) ? joined : alone;
}

// How far the iris lies above the middle of the corners, in eye widths.
function irisHeight({ pupil, lids }, towards) {
  const inner = lids[0], outer = lids[8];
  const along = [towards * (inner[0] - outer[0]), towards * (inner[1] - outer[1])], width = Math.hypot(...along);
  const away = [pupil[0] - (outer[0] + inner[0]) / 2, pupil[1] - (outer[1] + inner[1]) / 2];
  return (away[0] * along[1] - away[1] * along[0]) / width ** 2;
}

function lidsApart({ lids }) {
  return Math.hypot(lids[12][0] - lids[4][0], lids[12][1] - lids[4][1]) / Math.hypot(lids[8][0] - lids[0][0], lids[8][1] - lids[0][1]);
}

// Where the mean face's straight-ahead (0, 0, -1) points to once it is turned onto `points` with the least squared error:
// the quaternion is the eigenvector of the largest eigenvalue of Horn's matrix, found by repeated multiplication.
function noseDirection(points) {
  const centre = [0, 1, 2].map((k) => mean(points.map((point) => point[k])));
  const s = [0, 1, 2].map((i) => [0, 1, 2].map((j) => landmarks.mean_rigid.reduce((sum, one, n) => sum + one[i] * (points[n][j] - centre[j]), 0)));
  const trace = s[0][0] + s[1][1] + s[2][2];
  const horn = [
    [trace, s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0]],
    [s[1][2] - s[2][1], 2 * s[0][0] - trace, s[0][1] + s[1][0], s[2][0] + s[0][2]],
    [s[2][0] - s[0][2], s[0][1] + s[1][0], 2 * s[1][1] - trace, s[1][2] + s[2][1]],
    [s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], 2 * s[2][2] - trace],
  ];
  const shift = Math.hypot(...horn.flat());
  let q = [1, 0, 0, 0];
  for (let k = 0; k < 400; k++) {
    q = horn.map((row, i) => row.reduce((sum, value, j) => sum + value * q[j], shift * q[i]));
    const length = Math.hypot(...q);
    q = q.map((value) => value / length);
  }
  const [w, x, y, z] = q;
  return [-2 * (x * z + w * y), -2 * (y * z - w * x), -(w * w - x * x - y * y + z * z)];
}
