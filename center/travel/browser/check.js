// Measures a picture and compares it with the limits of the office's notice.
import { eyesOpen, mouthOpen, teeth } from "./expression.js";
import { findFace } from "./faces.js";
import { framed } from "./genuine.js";
import { glasses } from "./glasses.js";
import { headMap } from "./headmap.js";
import { NUMBERS } from "./numbers.js";
import { pose } from "./pose.js";
import { topColour } from "./top.js";

// {values: native values by check, framed}; null without a face. `faceWidth`: the face's width in the finished photo,
// pixels.
export async function measure(networks, picture, faceWidth) {
  const face = await findFace(networks, picture);
  if (!face) return null;
  const head = headMap(picture, face), { roll, yaw, pitch } = pose(face);
  const [left, right] = face.eyes.map((eye) => eye.pupil);
  return {
    values: {
      one_face: face.secondShare,
      enough_pixels: Math.hypot(right[0] - left[0], right[1] - left[1]) / (faceWidth * NUMBERS.framing.PUPILS_TO_WIDTH),
      roll,
      yaw,
      pitch,
      eyes_open: eyesOpen(face),
      mouth_closed: Math.max(mouthOpen(face), teeth(head)),
      glasses: glasses(head),
      top_colour: topColour(picture, face, head),
    },
    framed: framed(picture, face),
  };
}

// For each rule {check, min, max}: `pass`, `look` (beyond the limit: the person should have a look) or `unknown`. `min`
// and `max` are limits or null.
export function judge(values, rules) {
  return rules.map(({ check, min, max }) => {
    const value = values[check];
    if (value === null || Number.isNaN(value)) return { check, state: "unknown" };
    const beyond = (min !== null && value < min) || (max !== null && value > max);
    return { check, state: beyond ? "look" : "pass" };
  });
}
