// How white the top is. The booth cuts the person out first (`kiosk/vision/checks/clothes.py`); here nobody is cut out,
// so only places are used at which every sitting person has the chest. As in the booth, the less white side counts.
import { window } from "./headmap.js";
import { NUMBERS } from "./numbers.js";
import { lab, percentile } from "./pixels.js";

const { clothes: C, face: F, headmap: H, landmarks } = NUMBERS;
const FACE_PX = 120; // steps across a face
const BEFORE_THE_ARMS = 0.6, BELOW = 1.1; // how far to the side and down the chest is measured, in face widths
const NECK = 0.2, SLOPE = 0.6; // room left for neck and collar, and how the shoulders fall, in face widths
const HAIR = [-0.25, -0.95, 0.25, -0.75]; // hair above the forehead, in units of the head map

// The value of L* minus chroma that most of the less white side reaches; null if no cloth is seen on either side.
export function topColour(picture, face, head) {
  const skin = middleColour(head, [...landmarks.CHEEK_L, ...landmarks.CHEEK_R].map((index) => head.mesh[index]).map(([x, y]) => [x - H.PATCH, y - H.PATCH, x + H.PATCH, y + H.PATCH]));
  const hair = middleColour(head, [HAIR]);
  const known = [-1, 1].map((side) => whiteness(colours(picture, face, side), skin, hair)).filter((value) => value !== null);
  return known.length ? Math.min(...known) : null;
}

function whiteness(seen, skin, hair) {
  if (seen.length < C.LEAST_PX) return null;
  const bare = seen.map(([light, red, yellow]) => {
    const share = (light + 16) / (skin[0] + 16);
    const likeSkin = Math.hypot(red - share * skin[1], yellow - share * skin[2]) < C.SKIN_DE;
    return likeSkin || Math.hypot(light - hair[0], red - hair[1], yellow - hair[2]) < C.HAIR_DE;
  });
  const covered = bare.filter(Boolean).length >= C.ALL_HAIR * seen.length;
  const cloth = seen.filter((_, k) => covered || !bare[k]);
  if (cloth.length < C.LEAST_PX) return null;
  return percentile(cloth.map(([light, red, yellow]) => light - Math.hypot(red, yellow)), C.LOW);
}

// Colours of the chest on one side (-1: the picture's left), L*a*b*.
function colours({ width, height, channels, data }, { mesh }, side) {
  const left = mesh[landmarks.FACE_L][0], right = mesh[landmarks.FACE_R][0];
  const unit = (right - left) * F.MESH_TO_OUTLINE, centre = (left + right) / 2, chin = mesh[landmarks.CHIN][1];
  const seen = [];
  for (let out = C.BESIDE; out <= BEFORE_THE_ARMS; out += 1 / FACE_PX)
    for (let down = C.BELOW_CHIN + NECK + SLOPE * (out - C.BESIDE); down <= BELOW; down += 1 / FACE_PX) {
      const x = Math.round(centre + side * out * unit), y = Math.round(chin + down * unit);
      if (x < 0 || x >= width || y >= height) continue;
      const at = (y * width + x) * channels;
      seen.push(lab(data[at], data[at + 1], data[at + 2]));
    }
  return seen;
}

// The middle colour of boxes of the head map, L*a*b*.
function middleColour({ lab: planes, width }, boxes) {
  const places = boxes.flatMap((box) => {
    const [x0, y0, x1, y1] = window(box);
    return Array.from({ length: (x1 - x0) * (y1 - y0) }, (_, k) => (y0 + Math.floor(k / (x1 - x0))) * width + x0 + (k % (x1 - x0)));
  });
  return planes.map((plane) => percentile(places.map((at) => plane[at]), 50));
}
