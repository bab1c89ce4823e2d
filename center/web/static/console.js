// The few things that the pages do by themselves: keys, waiting for the photo, renewing leases, counting the seconds to
// undo. The templates have the words, and the server decides; nothing is stored in the browser.
"use strict";
(() => {
  const SECOND_CLICK_MS = 1500; // a click after this time is intended
  const STILL_MS = 5000; // how long a picture of a call is shown if no newer one comes
  let running = 0; // requests that will change the page
  let shownAt = null; // when the photo on the stage could be seen
  let guides = true;
  let stillEnds = 0;
  const begun = new WeakSet();

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const stage = () => document.getElementById("stage");
  const typing = (element) =>
    element.closest("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio]):not([type=button])") !== null;

  // Keys ------------------------------------------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    let key = event.key.toLowerCase();
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.ctrlKey) {
      if (key !== "enter" || target.tagName !== "TEXTAREA") return;
    } else if (typing(target)) return;
    // A focused button, link or field handles Enter itself.
    else if (key === "enter" && target.closest("button, a, input, summary")) return;
    if (key === "=") key = "+";
    const button = keyed(key);
    if (!button) return;
    event.preventDefault();
    // A key that is held down must not decide on the next photo.
    if (event.repeat && !("repeats" in button.dataset)) return;
    if (running > 0) return;
    button.click();
  });

  function keyed(key) {
    const over = all("dialog[open]").pop();
    return all("[data-key]", over ?? document).find(
      (one) => one.dataset.key === key && !one.disabled && (over || !one.closest("dialog")) && one.getClientRects().length > 0,
    );
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const opener = target?.closest("[data-open]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.open);
      dialog.showModal();
      dialog.focus();
    }
    if (target?.closest("[data-print]")) window.print();
    const closer = target?.closest("[data-close]");
    if (closer) document.getElementById(closer.dataset.close).close();
    const toggle = target?.closest("[data-guides]");
    if (toggle) {
      guides = !guides;
      showGuides();
    }
  });

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.dataset?.focus && box.checked) document.querySelector(box.dataset.focus).focus();
    for (const form of all("form")) count(form);
    if (box.dataset?.most) box.setCustomValidity(box.files[0]?.size > Number(box.dataset.most) ? box.dataset.tooLarge : "");
  });

  // What depends on the ticked boxes: the number on a button, and whether the button can be pressed.
  function count(form) {
    for (const button of all("[data-count], [data-needs]", form)) {
      const name = button.dataset.count ?? button.dataset.needs;
      const ticked = all(`input[name="${name}"]:checked`, form).length;
      button.disabled = ticked === 0;
      const shown = button.querySelector("[data-counted]");
      if (shown) shown.textContent = String(ticked);
    }
  }

  // The photo -------------------------------------------------------------------------------------------------------

  function showGuides() {
    stage()?.classList.toggle("no-guides", !guides);
    for (const button of all("[data-guides]")) button.setAttribute("aria-pressed", String(guides));
  }

  // Nobody can decide before the photo is shown.
  async function watchPhoto() {
    const here = stage();
    const photo = here?.querySelector("img");
    if (!photo || begun.has(here)) return;
    begun.add(here);
    photo.alt = here.dataset.alt; // a photo that was loaded in advance had no such text
    const waiting = all("[data-needs-photo]");
    for (const button of waiting) button.disabled = true;
    try {
      await photo.decode();
    } catch {
      if (here.isConnected) here.querySelector(".stage-wait").textContent = here.dataset.failed;
      return;
    }
    if (!here.isConnected) return;
    here.classList.add("is-ready");
    shownAt = performance.now();
    for (const button of waiting) button.disabled = false;
  }

  // The picture of a call for help is drawn, not loaded as an image: so the request can say that the page sent it by
  // itself, and the picture before stays until the next one is there. If the page shows no picture any more, it has no
  // place for it.
  async function showStill() {
    const here = document.querySelector("[data-still]");
    const canvas = document.getElementById("still");
    if (!here || !canvas || canvas.dataset.at === here.dataset.at) return;
    canvas.dataset.at = here.dataset.at;
    const answer = await fetch(here.dataset.still, { cache: "no-store", headers: { "Timed-Request": "true" } });
    if (!answer.ok || !canvas.isConnected) return;
    const picture = await createImageBitmap(await answer.blob());
    if (canvas.isConnected) {
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext("2d").drawImage(picture, 0, 0);
    }
    picture.close();
    // Even if the connection is lost, a picture is not shown for longer than this.
    clearTimeout(stillEnds);
    stillEnds = setTimeout(() => canvas.remove(), STILL_MS);
  }

  // Requests that a page sends by itself: they do not show that somebody is there, so they must not keep the login
  // alive.
  const timed = (element) => element.matches('[hx-trigger^="every"], [hx-trigger^="load"], [data-keep]');

  document.addEventListener("htmx:configRequest", (event) => {
    if (timed(event.detail.elt)) event.detail.headers["Timed-Request"] = "true";
    const fields = event.detail.formData;
    if (fields?.has("looked_ms") && shownAt !== null) fields.set("looked_ms", String(Math.round(performance.now() - shownAt)));
  });

  // Leases and seconds ----------------------------------------------------------------------------------------------

  function keepAlive(element) {
    if (begun.has(element)) return;
    begun.add(element);
    const beat = () => document.visibilityState === "visible" && htmx.trigger(element, "keep");
    const timer = setInterval(() => (element.isConnected ? beat() : clearInterval(timer)), Number(element.dataset.keep));
    document.addEventListener("visibilitychange", () => element.isConnected && beat());
  }

  function countDown(element) {
    if (begun.has(element)) return;
    begun.add(element);
    const end = performance.now() + Number(element.dataset.until) * 1000;
    const timer = setInterval(() => {
      const left = Math.ceil((end - performance.now()) / 1000);
      for (const place of all("[data-left]", element)) place.textContent = String(Math.max(0, left));
      if (left > 0 && element.isConnected) return;
      clearInterval(timer);
      for (const button of element.matches("button") ? [element] : all("button", element)) button.remove();
    }, 250);
  }

  // A second click -----------------------------------------------------------------------------------------------

  // While a form is being sent, a second click on the same button sends nothing; htmx would send the form again after
  // the answer. If a form still arrives twice, the office recognises it by its number.
  const sent = new WeakMap(); // when each form was sent, and by which button
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.matches('[method="post"], [hx-post]')) return;
      const before = sent.get(form);
      const button = event.submitter; // another button of the form asks for something else
      if (!before || before.button !== button || performance.now() - before.at > SECOND_CLICK_MS) {
        sent.set(form, { at: performance.now(), button });
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  document.addEventListener("htmx:afterRequest", (event) => sent.delete(event.detail.elt));

  // Between pages ---------------------------------------------------------------------------------------------------

  // A file is sent unchanged, after a line with the form's fields: the office has no reader of multipart forms.
  htmx.defineExtension("raw-file", {
    onEvent: (name, event) => {
      if (name === "htmx:configRequest") event.detail.headers["Content-Type"] = "application/octet-stream";
      return true;
    },
    encodeParameters: (_, parameters) => {
      const fields = new URLSearchParams();
      const files = [];
      for (const [name, value] of parameters.entries()) value instanceof File ? files.push(value) : fields.append(name, value);
      return new Blob([fields.toString(), "\n", ...files.slice(0, 1)]);
    },
  });

  const changesPage = (event) => ["page", "report", "recrop", "recrop-inner", "answer", "answer-inner"].includes(event.detail.target?.id);

  const under = new WeakSet(); // the requests that were counted: an answer may name another target than its request
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!changesPage(event)) return;
    running += 1;
    under.add(event.detail.xhr);
    document.body.classList.add("is-busy");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!under.delete(event.detail.xhr)) return;
    running -= 1;
    document.body.classList.toggle("is-busy", running > 0);
  });
  const line = (down) => {
    document.getElementById("line-down").hidden = !down;
  };
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => line(true));
  // If the office is busy or restarting, or the proxy in front of it answers, the page stays as it is, and asks again.
  // The office's page about a refusal is shown only if somebody pressed something.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, xhr } = event.detail;
    const passing = xhr.status === 429 || xhr.status >= 500;
    const stays = passing && (timed(requestConfig.elt) || !xhr.getResponseHeader("HX-Retarget"));
    if (stays) event.detail.shouldSwap = false;
    line(stays);
  });
  // Photos that a page requested in advance do not belong to the next page: a late answer would remove the photo from
  // the stage (htmx moves preserved elements even into a part that is gone).
  document.addEventListener("htmx:beforeSwap", (event) => {
    const ahead = document.getElementById("ahead");
    if (ahead && event.detail.target.id === "page") htmx.trigger(ahead, "htmx:abort");
  });
  document.addEventListener("htmx:afterSettle", begin);

  function begin() {
    watchPhoto();
    showStill().catch(() => {}); // the connection: the page itself says so, and asks again
    showGuides();
    for (const element of all("[data-keep]")) keepAlive(element);
    for (const element of all("[data-until]")) countDown(element);
    for (const form of all("form")) count(form);
    for (const dialog of all("dialog[data-open-now]:not([open])")) {
      dialog.showModal();
      dialog.focus(); // not its first button, which would handle Enter itself
      dialog.addEventListener("close", () => dialog.isConnected && dialog.remove());
    }
    const nav = document.querySelector(".nav");
    const current = nav?.querySelector("[aria-current]");
    if (current) nav.scrollLeft = current.offsetLeft - nav.offsetLeft - (nav.clientWidth - current.offsetWidth) / 2;
    // A field with `autofocus` may not have the cursor yet: the browser sets it with the first painting, if no other
    // element has it.
    if (document.activeElement === document.body)
      (document.querySelector("[autofocus]") ?? document.getElementById("main"))?.focus({ preventScroll: true });
  }

  begin();
})();
