"use strict";
// Shows the state that the program sends, and sends to the program what staff do. Texts are set as text, never as HTML.
const by = (id) => document.getElementById(id);
let fixed = null;
let shown = "";
let busy = false;

function element(name, text, kind) {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function press(text, action) {
  const button = element("button", text);
  button.type = "button";
  button.addEventListener("click", action);
  return button;
}

function show(id, on) { by(id).hidden = !on; }

const REFUSED = { 403: "not_allowed", 413: "too_large" };

// Shows what could not be done, until staff do something else; the next answer of the program shows its state again.
function refuse(words) {
  shown = "";
  by("refused").textContent = fixed.text[`page.${words}`];
  show("refused", true);
}

async function tell(path, body) {
  busy = true;
  show("refused", false);
  document.querySelectorAll("button").forEach((one) => { one.disabled = true; });
  try {
    const answer = await fetch(path, { method: "POST", headers: { "X-Desk": "1" }, body });
    if (answer.ok) draw(await answer.json());
    else refuse(REFUSED[answer.status] || "not_done");
  } catch {
    shown = "";
    show("gone", true);
  } finally {
    busy = false;
    show("looking", false);
    document.querySelectorAll("button").forEach((one) => { one.disabled = false; });
  }
}

function form(values) { return new URLSearchParams(values); }

function picture(path, body) {
  show("made", false);
  show("looking", true);
  return tell(path, body);
}

function draw(state) {
  show("gone", false);
  by("counts").textContent = state.counts;
  by("season").textContent = state.season;
  show("season", Boolean(state.season));
  by("trouble").replaceChildren(...state.trouble.map((text) => element("p", text, "bar bad")));
  const text = JSON.stringify(state);
  if (text === shown) return;
  shown = text;
  const step = state.step;
  for (const id of ["who", "row", "photo", "saving", "done"]) show(id, id === step);
  const stage = { who: "who", row: "who", photo: "photo", saving: "done", done: "done" }[step];
  document.querySelectorAll("#steps li").forEach((one) => one.classList.toggle("now", one.dataset.step === stage));
  document.querySelectorAll(".said").forEach((one) => { one.textContent = state.said; });
  by("rows").replaceChildren(...state.rows.map((row, number) => press(row, () => tell("/choose", form({ number })))));
  const person = state.person || {};
  by("person").replaceChildren(...["name", "number", "school"].map((key) => element("dd", person[key] || "")));
  by("note").textContent = person.note || "";
  show("note", Boolean(person.note));
  by("names").replaceChildren(...state.names.map((name) => {
    const item = document.createElement("li");
    item.append(press(name, () => picture("/open", form({ name }))));
    return item;
  }));
  show("empty", state.names.length === 0);
  by("older").textContent = state.older;
  drawPhoto(state.photo);
  if (step === "photo" && fixed.webcam) live();
  by("receipt").textContent = state.receipt.replace(/(.{4})(?=.)/g, "$1-");
  by("left").textContent = state.left;
  if (step === "done") by("qr").src = `/receipt.svg?${Date.now()}`;
  else by("qr").removeAttribute("src");
}

function drawPhoto(photo) {
  show("made", Boolean(photo));
  if (!photo) { by("finished").removeAttribute("src"); return; }
  by("finished").src = `/photo.jpg?number=${photo.number}`;
  show("good", photo.findings.length === 0);
  show("found", photo.findings.length > 0);
  show("notgood", !photo.ready);
  by("findings").replaceChildren(...photo.findings.map(([verdict, text]) => element("li", text, verdict)));
}

function live() {
  // One picture after another: the next one is requested when the last one has come, so a slow machine is not flooded.
  if (by("live").dataset.on) return;
  by("live").dataset.on = "yes";
  const again = () => {
    if (by("photo").hidden) { delete by("live").dataset.on; by("live").removeAttribute("src"); return; }
    by("live").src = `/live.jpg?${Date.now()}`;
  };
  by("live").onload = () => setTimeout(again, 80);
  by("live").onerror = () => setTimeout(again, 1000);
  again();
}

function chooseFile(files) {
  if (!files.length) return;
  if (files[0].size > fixed.most_bytes) refuse("too_large");
  else picture("/file", files[0]);
}

async function look() {
  if (!busy) {
    try {
      const answer = await fetch("/state");
      if (!answer.ok) throw new Error(String(answer.status));
      const state = await answer.json();
      if (!busy) draw(state);
    } catch {
      show("gone", true);
    }
  }
  setTimeout(look, 1500);
}

async function begin() {
  fixed = await (await fetch("/fixed")).json();
  document.documentElement.lang = fixed.language;
  document.querySelectorAll("[data-text]").forEach((one) => { one.textContent = fixed.text[`page.${one.dataset.text}`]; });
  document.title = fixed.text["page.title"];
  by("live").alt = fixed.text["page.live"];
  by("finished").alt = fixed.text["page.result"];
  by("qr").alt = fixed.text["page.receipt"];
  by("who").elements.kind.replaceChildren(...fixed.kinds.map(([value, text]) => new Option(text, value)));
  by("reason").replaceChildren(new Option(fixed.text["page.no_reason"], ""), ...fixed.reasons.map(([value, text]) => new Option(text, value)));
  by("notice").replaceChildren(...fixed.consent.flatMap(([name, text]) => [element("dt", name), element("dd", text)]));
  show("folder", fixed.folder);
  show("webcam", fixed.webcam);
  by("who").addEventListener("submit", (event) => { event.preventDefault(); tell("/who", form(new FormData(by("who")))); });
  by("file").addEventListener("change", () => { chooseFile(by("file").files); by("file").value = ""; });
  for (const name of ["dragover", "dragleave", "drop"]) {
    by("drop").addEventListener(name, (event) => {
      event.preventDefault();
      by("drop").classList.toggle("over", name === "dragover");
      if (name === "drop") chooseFile(event.dataTransfer.files);
    });
  }
  by("shoot").addEventListener("click", () => picture("/shoot"));
  by("another").addEventListener("click", () => tell("/another"));
  by("use").addEventListener("click", () => tell("/use", form({ reason: by("reason").value, wrong: by("wrong").checked ? "yes" : "" })));
  document.querySelectorAll(".next").forEach((one) => one.addEventListener("click", () => {
    by("who").reset();
    by("reason").value = "";
    by("wrong").checked = false;
    tell("/next");
  }));
  window.addEventListener("beforeunload", (event) => { if (!by("saving").hidden) event.preventDefault(); });
  look();
}

begin();
