// The workbench's page: shows the state some ten times a second, and sends the developer's actions as orders.
"use strict";

const POSE = [ // name, words, from, to, step
  ["yaw_deg", "turned", -40, 40, 0.5], ["pitch_deg", "chin up", -30, 30, 0.5], ["roll_deg", "tilted", -25, 25, 0.5],
  ["x_cm", "to the right", -30, 30, 0.5], ["y_cm", "higher", -20, 20, 0.5], ["distance_cm", "distance", 70, 200, 1],
  ["eyelids", "eyes open", 0, 1, 0.02], ["gaze_x", "looks right", -1, 1, 0.05], ["gaze_y", "looks down", -1.7, 1.7, 0.05],
  ["mouth", "mouth open", 0, 1, 0.02], ["smile", "smiles", 0, 1, 0.02], ["brows", "brows", -1, 1, 0.05],
];
const STRAIGHT = { yaw_deg: 0, pitch_deg: 0, roll_deg: 0, x_cm: 0, y_cm: 0, distance_cm: 120, eyelids: 1, gaze_x: 0, gaze_y: 0, mouth: 0, smile: 0, brows: 0 };
const LIGHT = [["ambient", "room", 0, 1, 0.01], ["window_left", "window", 0, 2, 0.02]];
const KEYS = { ArrowRight: "next", ArrowDown: "next", ArrowLeft: "back", ArrowUp: "back", Enter: "enter", Escape: "escape" };

const at = (id) => document.getElementById(id);
const sliders = {};
let picture = -1;
let orders = 0, waiting = 0; // how many orders were sent so far, and how many of them are not answered yet

async function order(what) {
  orders += 1;
  waiting += 1;
  const answer = await fetch("/order", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(what) }).finally(() => { waiting -= 1; });
  at("why").hidden = answer.ok;
  if (!answer.ok) at("why").textContent = (await answer.json()).why;
  await look();
}

function slider(into, [name, words, from, to, step], send) {
  const label = document.createElement("label"), input = document.createElement("input"), shown = document.createElement("output");
  label.className = "slider";
  label.append(words, input, shown);
  Object.assign(input, { type: "range", min: from, max: to, step, name });
  input.addEventListener("input", () => { shown.textContent = input.value; send(name, Number(input.value)); });
  sliders[name] = (value) => {
    if (document.activeElement === input && input.matches(":active")) return; // somebody is moving it
    input.value = value;
    shown.textContent = value;
  };
  into.append(label);
}

function tick(into, name, send) {
  const label = document.createElement("label"), input = document.createElement("input");
  label.className = "tick";
  Object.assign(input, { type: "checkbox", name });
  input.addEventListener("change", () => send(name, input.checked));
  label.append(input, name.replaceAll("_", " "));
  into.append(label);
}

function limit({ min, max }) {
  if (min === null) return max === null ? "" : `≤ ${max}`;
  return max === null ? `≥ ${min}` : `${min} … ${max}`;
}

function rows(checks) {
  return checks.map((one) => {
    const row = document.createElement("tr");
    for (const text of [one.name.replaceAll("_", " "), one.value === null ? "?" : one.value.toFixed(3), limit(one)]) row.insertCell().textContent = text;
    row.className = one.verdict;
    return row;
  });
}

function show(now) {
  at("screen").textContent = now.screen;
  at("guide").textContent = now.guide;
  at("clock").textContent = `${now.wall}, ${now.seconds} s`;
  if (now.picture !== picture) { picture = now.picture; at("panel").src = `/panel.jpg?${picture}`; }
  for (const button of at("times").querySelectorAll("button")) button.setAttribute("aria-pressed", String(Number(button.dataset.times) === now.times));
  const sits = now.sits;
  at("sit").disabled = sits !== null;
  at("leave").disabled = sits === null;
  at("follows").disabled = sits === null;
  at("lamps").textContent = `Lamps: left ${now.lamps.left}, right ${now.lamps.right}`;
  at("failed").textContent = now.failed.length ? `The booth says: ${now.failed.join("; ")}` : "";
  at("checks").replaceChildren(...rows(now.checks));
  at("takes").textContent = now.takes.map((take) => `Take ${take.number}: ${take.score === null ? "in work" : take.score.toFixed(2)} ${take.said.join(", ")}`).join(" · ");
  at("flags").textContent = now.flags.length ? `Flags: ${now.flags.join(", ")}` : "";
  at("heard").textContent = now.heard.length ? `Said: ${now.heard.join(" · ")}` : "";
  at("office").href = now.office.url;
  const login = at("login"), pairs = [["name", now.office.name], ["password", now.office.password], ["code of now", now.office.code]];
  login.replaceChildren(...pairs.flatMap(([name, value]) => {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = name;
    dd.textContent = value;
    return [dt, dd];
  }));
  const journal = at("journal"), lines = now.journal.slice().reverse();
  journal.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
}

// Sets sliders and boxes to the booth's state.
function follow({ sits, light, broken }) {
  if (sits) {
    at("follows").checked = sits.follows;
    for (const [name, value] of Object.entries(sits.pose)) sliders[name](value);
    for (const input of at("wears").querySelectorAll("input")) input.checked = sits.wears.includes(input.name);
  }
  for (const [name, value] of Object.entries(light)) sliders[name](value);
  for (const input of at("faults").querySelectorAll("input")) input.checked = broken.includes(input.name);
}

async function look() {
  const before = orders;
  const answer = await fetch("/state");
  const now = await answer.json();
  if (now.screen === undefined) return;
  show(now);
  if (before === orders && waiting === 0) follow(now); // else this state is older than what was just pressed
}

async function watch() {
  try {
    await look();
  } catch {
    at("why").hidden = false;
    at("why").textContent = "The workbench has ended.";
    return;
  }
  setTimeout(watch, 100);
}

async function begin() {
  const offered = await (await fetch("/choices")).json();
  for (const one of POSE) slider(at("pose"), one, (name, value) => order({ do: "sit", follows: false, [name]: value }));
  const light = { ambient: 0, window_left: 0 };
  for (const one of LIGHT) slider(at("light"), one, () => {
    for (const input of at("light").querySelectorAll("input")) light[input.name] = Number(input.value);
    order({ do: "shine", ...light });
  });
  for (const name of offered.wears) tick(at("wears"), name, (what, on) => order({ do: "wear", what, on }));
  for (const name of offered.faults) tick(at("faults"), name, (what, on) => order({ do: "break", what, on }));
  at("sit").addEventListener("click", () => order({ do: "sit_down", graduate: {
    seed: Number(at("seed").value), roster: at("roster").value, card: at("card").value,
    photographed: at("photographed").checked, has_pass: at("has_pass").checked, companion: at("companion").checked,
    wears: [...at("wears").querySelectorAll("input:checked")].map((input) => input.name),
  } }));
  at("leave").addEventListener("click", () => { at("seed").value = Number(at("seed").value) + 1; order({ do: "stand_up" }); });
  at("follows").addEventListener("change", () => order({ do: "sit", follows: at("follows").checked }));
  at("straight").addEventListener("click", () => order({ do: "sit", follows: false, ...STRAIGHT }));
  for (const button of at("papers").querySelectorAll("button")) button.addEventListener("click", () => order({ do: "show", what: button.dataset.show }));
  for (const button of at("times").querySelectorAll("button")) button.addEventListener("click", () => order({ do: "pace", times: Number(button.dataset.times) }));
  at("panel").addEventListener("click", (event) => {
    const box = at("panel").getBoundingClientRect();
    order({ do: "touch", x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height });
  });
  at("panel").addEventListener("keydown", (event) => {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    order({ do: "press", key: KEYS[event.key] });
  });
  await watch();
}

begin();
