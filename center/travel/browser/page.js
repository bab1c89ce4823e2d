// The page "Check before you travel": loads the engine, shuts the page off from the network, judges one picture at a time.
//
// Nothing of a picture leaves the phone, and this does not depend on this code alone: before a picture can be chosen,
// the page gets a second policy, under which the browser itself refuses every request, even to the office.
import { judge, measure } from "./check.js";
import { load } from "./engine.js";
import { BadPicture, readPicture } from "./picture.js";

const SHUT = "default-src 'none'; img-src blob:; style-src 'self'; form-action 'none'; base-uri 'none'";

const ORDER = ["look", "unknown", "pass"]; // what needs attention comes first

const part = (name) => document.getElementById(`travel-${name}`);
const { rules, words, face_width: faceWidth } = JSON.parse(part("page").dataset.travel);
let networks = null;

part("steps").hidden = false;
part("load").addEventListener("click", prepare);
for (const name of ["camera", "file"]) part(name).addEventListener("change", chosen);

async function prepare() {
  part("load").disabled = true;
  say(words.loading);
  try {
    networks = await load();
  } catch (fault) {
    console.error(fault);
    part("load").disabled = false;
    return say(words.not_loaded, true);
  }
  shutOff();
  part("start").hidden = true;
  part("choose").hidden = false;
  say(words.ready);
  part("choose-title").focus();
}

function shutOff() {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = SHUT;
  document.head.append(policy);
}

async function chosen({ target }) {
  const [file] = target.files;
  if (!file) return;
  part("result").hidden = true;
  for (const input of part("choose").querySelectorAll("input")) input.disabled = true;
  say(words.working);
  await shown();
  try {
    const picture = await readPicture(file);
    show(picture, await measure(networks, picture, faceWidth));
    say("");
  } catch (fault) {
    const known = fault instanceof BadPicture;
    if (!known) console.error(fault);
    say(known ? words[fault.message] : words.failed, true);
  }
  for (const input of part("choose").querySelectorAll("input")) input.disabled = false;
  target.value = ""; // the same file can be chosen again
}

function show(picture, found) {
  const rows = found ? judge(found.values, rules) : [];
  const look = rows.filter((row) => row.state === "look").length;
  part("result").dataset.found = look ? "look" : found ? "pass" : "none";
  const headline = !found ? words.no_face : look ? words.look.replace("{count}", look) : words.nothing_seen;
  part("headline").textContent = headline;
  part("framed").hidden = !found?.framed;
  part("picture").replaceChildren(preview(picture.canvas));
  part("rows").replaceChildren(...rows.sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state)).map(line));
  part("rows").hidden = !rows.length;
  part("result").hidden = false;
  part("headline").focus();
}

function preview(canvas) {
  const small = document.createElement("canvas"), share = Math.min(1, 480 / Math.max(canvas.width, canvas.height));
  small.width = Math.max(1, Math.round(canvas.width * share));
  small.height = Math.max(1, Math.round(canvas.height * share));
  small.getContext("2d").drawImage(canvas, 0, 0, small.width, small.height);
  small.setAttribute("role", "img");
  small.setAttribute("aria-label", words.picture);
  return small;
}

function line({ check, state }) {
  const [row, name, tag, text] = ["li", "strong", "span", "p"].map((kind) => document.createElement(kind));
  Object.assign(row.dataset, { check, state });
  name.textContent = words[check].name;
  tag.className = `tag tag-${{ pass: "good", look: "care", unknown: "plain" }[state]}`;
  tag.textContent = words[`state_${state}`];
  text.textContent = words[check][state] ?? words.unknown;
  row.append(name, tag, text);
  return row;
}

function say(sentence, wrong = false) {
  part("status").textContent = sentence;
  part("status").classList.toggle("bad", wrong);
}

// Resolves when the screen shows what was written.
const shown = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
