// Finding the face in a still picture. As `kiosk/vision/face/find.py`, without the search for halves of faces at the edge.
import { NUMBERS } from "./numbers.js";
import { cut, square, toPicture } from "./square.js";

const { detect, find, iris: IRIS, landmarks, mesh: MESH, track } = NUMBERS;

// The most prominent face {mesh, score, eyes, crop, square}, and the area of the largest other face as a multiple of
// this face's; null without a face.
export async function findFace(networks, picture) {
  const found = await detections(networks, picture);
  const weights = new Map(found.map((one) => [one, prominence(picture, one)]));
  found.sort((one, other) => weights.get(other) - weights.get(one));
  const faces = [];
  for (const detection of found) {
    const weight = weights.get(detection);
    if (faces.length === find.RIVALS || (faces.length && weight < find.RIVAL_SHARE * faces[0].weight)) break;
    if (!faces.every((face) => outside(middle(detection.box), face))) continue;
    const face = await fitted(networks, picture, detection);
    if (face) faces.push({ ...face, weight: weight * face.score * contrast(face.crop) });
  }
  if (!faces.length) return null;
  const face = faces.reduce((best, one) => (one.weight > best.weight ? one : best));
  let other = 0;
  for (const detection of found)
    if (detection.area > other && (await isOther(networks, picture, detection, face))) other = detection.area;
  const [x0, y0, x1, y1] = boxOf(face.mesh);
  return { ...face, secondShare: other / ((x1 - x0) * (y1 - y0)) };
}

async function detections(networks, picture) {
  const { width, height } = picture, shorter = Math.min(width, height), longer = Math.max(width, height);
  const squares = [shorter / 2, shorter].flatMap((side) => tiles(width, height, side));
  squares.push(square((width - 1) / 2, (height - 1) / 2, longer));
  const found = [];
  for (const one of squares) found.push(...(await detectIn(networks.detector, picture, one)));
  return found;
}

// Upright squares that cover the picture; neighbours overlap by about half.
function tiles(width, height, side) {
  const places = (length) => {
    const count = Math.max(1, Math.ceil((length - side) / (side / 2) - 1e-6) + 1);
    const first = Math.min(side, length) / 2, last = length - first;
    return Array.from({ length: count }, (_, k) => (count === 1 ? (first + last) / 2 : first + ((last - first) * k) / (count - 1)) - 0.5);
  };
  return places(height).flatMap((y) => places(width).map((x) => square(x, y, side)));
}

const ANCHORS = detect.GRIDS.flatMap(([cells, count]) =>
  Array.from({ length: cells * cells * count }, (_, k) => {
    const cell = Math.floor(k / count);
    return [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells];
  }),
);

// Faces in a square: {box: [x0, y0, x1, y1], eyes: [left, right], area, score}, pixels of the picture.
async function detectIn(network, picture, place) {
  const size = network.size;
  const outputs = await network.run(cut(picture, place, size), -1, 1);
  const logits = outputs.get(ANCHORS.length), values = outputs.get(ANCHORS.length * 16);
  const candidates = [];
  logits.forEach((logit, k) => {
    const score = 1 / (1 + Math.exp(-logit));
    if (score <= detect.SCORE_LIMIT) return;
    const [x, y] = ANCHORS[k].map((share) => share * size), row = values.subarray(16 * k, 16 * k + 16);
    const points = Array.from(row, (value, i) => (i === 2 || i === 3 ? value : value + (i % 2 ? y : x)));
    candidates.push({ score, points });
  });
  return merged(candidates).map(({ points, score }) => {
    const [centre, eyeL, eyeR] = toPicture(place, [points.slice(0, 2), points.slice(4, 6), points.slice(6, 8)], size);
    const across = (points[2] * place.side) / size / 2, down = (points[3] * place.side) / size / 2;
    const box = [centre[0] - across, centre[1] - down, centre[0] + across, centre[1] + down];
    return { box, eyes: [eyeL, eyeR], area: Math.max(0, 2 * across) * Math.max(0, 2 * down), score };
  });
}

// Detections that overlap are one face: their mean, weighted by score.
function merged(candidates) {
  const corners = ({ points: [x, y, width, height] }) => [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
  let left = candidates.sort((one, other) => other.score - one.score);
  const faces = [];
  while (left.length) {
    const best = left[0];
    const same = left.filter((one) => one === best || overlap(corners(best), corners(one)) > detect.SAME_FACE_OVERLAP);
    const total = same.reduce((sum, one) => sum + one.score, 0);
    const points = best.points.map((_, i) => same.reduce((sum, one) => sum + one.points[i] * one.score, 0) / total);
    faces.push({ points, score: best.score });
    left = left.filter((one) => !same.includes(one));
  }
  return faces;
}

function overlap(one, other) {
  const side = (box, k) => Math.max(0, box[k + 2] - box[k]);
  const common = [0, 1].map((k) => Math.max(0, Math.min(one[k + 2], other[k + 2]) - Math.max(one[k], other[k])));
  const shared = common[0] * common[1];
  return shared / Math.max(side(one, 0) * side(one, 1) + side(other, 0) * side(other, 1) - shared, 1e-6);
}

// A detection's area times its score; it is reduced with the distance from the picture's middle.
function prominence({ width, height }, { box, area, score }) {
  const [x, y] = middle(box), away = Math.hypot(x - width / 2, y - height / 2) / (Math.hypot(width, height) / 2);
  return area * score * (1 - find.AWAY * Math.min(1, away));
}

async function fitted(networks, picture, detection) {
  let fit = await fitMesh(networks.mesh, picture, detectionSquare(detection));
  for (let k = 0; k < find.REFINING_FITS; k++) {
    if (fit.score < track.PRESENT) return null;
    fit = await fitMesh(networks.mesh, picture, squareOf(fit.points));
  }
  const around = squareOf(fit.points);
  const mirrored = await fitMesh(networks.mesh, picture, { ...around, mirrored: true });
  if (Math.min(fit.score, mirrored.score) < track.PRESENT) return null;
  const mesh = fit.points.map((point, i) => point.map((value, k) => (value + mirrored.points[landmarks.twins[i]][k]) / 2));
  const eyes = [];
  for (const right of [false, true]) eyes.push(await fitEye(networks.iris, picture, mesh, right));
  return { mesh, score: fit.score, eyes, crop: fit.crop, square: fit.square };
}

async function fitMesh(network, picture, place) {
  const crop = cut(picture, place, network.size), outputs = await network.run(crop, 0, 1);
  const score = 1 / (1 + Math.exp(-outputs.get(1)[0]));
  return { points: toPicture(place, triples(outputs.get(468 * 3)), network.size), score, square: place, crop };
}

// One eye: the pupil, and 16 points along the lids: 0..8 the lower from inner to outer corner, 9..15 the upper. The
// network was trained on the eye at the picture's right; it gets the other one mirrored.
async function fitEye(network, picture, mesh, right) {
  const [outer, inner] = (right ? landmarks.EYE_R_CORNERS : landmarks.EYE_L_CORNERS).map((index) => mesh[index]);
  const sign = right ? 1 : -1, across = [sign * (outer[0] - inner[0]), sign * (outer[1] - inner[1])];
  const width = Math.max(...across.map(Math.abs)), angle = Math.atan2(across[1], across[0]);
  const place = square((outer[0] + inner[0]) / 2, (outer[1] + inner[1]) / 2, IRIS.ROOM * width, angle, !right);
  const outputs = await network.run(cut(picture, place, network.size), 0, 1);
  const lids = triples(outputs.get(71 * 3)).slice(0, IRIS.LIDS), [pupil] = triples(outputs.get(5 * 3));
  return { pupil: toPicture(place, [pupil], network.size)[0], lids: toPicture(place, lids, network.size) };
}

// Whether the detection is another face than `face`. The mesh is fitted twice, as in the booth: something that only
// looks like a face gets a low score at the second fit.
async function isOther(networks, picture, detection, face) {
  if (!outside(middle(detection.box), face)) return false;
  const fit = await fitMesh(networks.mesh, picture, detectionSquare(detection));
  if (fit.score < track.PRESENT) return false;
  const again = await fitMesh(networks.mesh, picture, squareOf(fit.points));
  const centre = [0, 1].map((k) => again.points.reduce((sum, point) => sum + point[k], 0) / again.points.length);
  return again.score >= track.PRESENT && outside(centre, face);
}

function detectionSquare({ box: [x0, y0, x1, y1], eyes: [left, right] }) {
  const side = MESH.ROOM * Math.max(x1 - x0, y1 - y0);
  return square((x0 + x1) / 2, (y0 + y1) / 2, side, Math.atan2(right[1] - left[1], right[0] - left[0]));
}

// The square to look in next: around the mesh's upright box, turned along the outer eye corners.
function squareOf(mesh) {
  const [x0, y0, x1, y1] = boxOf(mesh), left = mesh[landmarks.EYE_L_CORNERS[0]], right = mesh[landmarks.EYE_R_CORNERS[0]];
  const side = MESH.ROOM * Math.max(x1 - x0, y1 - y0);
  return square((x0 + x1) / 2, (y0 + y1) / 2, side, Math.atan2(right[1] - left[1], right[0] - left[0]));
}

export function boxOf(mesh) {
  const [columns, rows] = [0, 1].map((k) => mesh.map((point) => point[k]));
  return [Math.min(...columns), Math.min(...rows), Math.max(...columns), Math.max(...rows)];
}

function outside([x, y], face) {
  const [x0, y0, x1, y1] = boxOf(face.mesh);
  return !(x0 <= x && x <= x1 && y0 <= y && y <= y1);
}

const middle = ([x0, y0, x1, y1]) => [(x0 + x1) / 2, (y0 + y1) / 2];

const triples = (values) => Array.from({ length: values.length / 3 }, (_, k) => Array.from(values.subarray(3 * k, 3 * k + 3)));

function contrast({ data }) {
  const average = data.reduce((sum, value) => sum + value, 0) / data.length;
  return Math.sqrt(data.reduce((sum, value) => sum + (value - average) ** 2, 0) / data.length);
}
