"use strict";
// Conveniences for the pages of the service. Everything works without them; htmx sends and receives.

// An error page of ours is shown like any other fragment; an error without one gets a sentence.
const FAILED = "This could not be sent. Check your connection and try again.";
const REFUSED = {413: "This is too large. Send less at once.", 408: "Sending took too long. Try again."};

function showError(target, message) {
  const line = document.createElement("p");
  line.className = "wrong refused";
  line.setAttribute("role", "alert");
  line.textContent = message;
  target.replaceChildren(line);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const {xhr} = event.detail;
  if (xhr.status < 400) return;
  const isHtml = (xhr.getResponseHeader("content-type") || "").startsWith("text/html");
  event.detail.shouldSwap = isHtml;
  event.detail.isError = false;
  if (!isHtml) showError(event.detail.target, REFUSED[xhr.status] || FAILED);
});
for (const name of ["htmx:sendError", "htmx:timeout"])
  document.addEventListener(name, (event) => {
    if (!event.detail.elt.closest(".waits")) showError(event.detail.target, FAILED);
  });

// A palette is one stop of the Tab key; the arrows lead from button to button, and each types into its formula.
function insert(field, before, after) {
  const {selectionStart: start, selectionEnd: end, value} = field;
  const inside = value.slice(start, end);
  field.focus();
  field.setRangeText(before + inside + after, start, end, "end");
  const cursor = start + before.length + inside.length + (inside ? after.length : 0);
  field.setSelectionRange(cursor, cursor);
  field.dispatchEvent(new Event("input", {bubbles: true}));
}

function openPalette(palette) {
  const field = document.getElementById(palette.getAttribute("aria-controls"));
  const buttons = [...palette.querySelectorAll("button")];
  const setStop = (at) => buttons.forEach((button, index) => { button.tabIndex = index === at ? 0 : -1; });
  setStop(0);
  palette.hidden = false;
  palette.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) insert(field, button.dataset.before, button.dataset.after);
  });
  palette.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1}[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const next = (to + buttons.length) % buttons.length;
    setStop(next);
    buttons[next].focus();
  });
}

// "None of these" excludes the options, and they exclude it.
function exclude(box) {
  const list = box.closest(".ticks");
  if (!list || !box.checked) return;
  const isNone = box.name.startsWith("none:");
  for (const other of list.querySelectorAll("input"))
    if (other !== box && (isNone || other.name.startsWith("none:"))) other.checked = false;
}

// A whole shape that is pasted, such as 2x4 or (2, 4), goes into both boxes.
const SHAPE = /^\s*[([]?\s*([\w+]+)\s*(?:x|×|\*|,|by)\s*([\w+]+)\s*[)\]]?\s*$/i;
function paste(event) {
  const [rows, columns] = event.target.closest?.(".sides")?.querySelectorAll("input") || [];
  const found = rows && SHAPE.exec(event.clipboardData?.getData("text") || "");
  if (!found) return;
  event.preventDefault();
  rows.value = found[1];
  columns.value = found[2];
  columns.focus();
  columns.dispatchEvent(new Event("input", {bubbles: true}));
}

// Enter in a line, or with Ctrl in several lines, submits that blank and no other.
function submitOnEnter(event) {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || !field.matches(".blank input, .blank textarea")) return;
  if (field.matches("textarea, [type=checkbox]") && !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  field.closest(".blank").querySelector(".check-one")?.click();
}

// What scrolls sideways, such as a long formula, can be scrolled by keyboard too.
function makeScrollable() {
  for (const each of document.querySelectorAll("dd, .read, .reading p, .ask, .solution, .name, .ticks label span, .sheet td"))
    if (each.scrollWidth > each.clientWidth && getComputedStyle(each).overflowX === "auto") each.tabIndex = 0;
}

// Where all attempts were used up just now, nothing more can be typed.
function disableUsedUp() {
  for (const each of document.querySelectorAll(".result .used-up")) {
    const blank = each.closest(".blank");
    blank.querySelectorAll("textarea, input:not([type=hidden]), .check-one").forEach((field) => { field.disabled = true; });
    blank.querySelector(".check-one")?.setAttribute("aria-describedby", each.id);
    blank.querySelector(".palette")?.remove();
    blank.querySelector(".saved")?.replaceChildren();
  }
}

// What was submitted just now is no draft any more.
function clearDraftStatus(event) {
  const result = event.target.closest?.(".result");
  if (result && event.detail.requestConfig?.verb === "post" && !result.querySelector(":scope > .refused"))
    result.closest(".blank").querySelector(".saved")?.replaceChildren();
}

// The time that is left, in the words of time_left.py, by the clock of the service: only what has passed is measured here.
const left = document.getElementById("left");
const loaded = Date.now();
function inWords(seconds) {
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 1) return "less than a minute";
  const units = [[Math.floor(minutes / 1440), "day"], [Math.floor(minutes / 60) % 24, "hour"], [minutes % 60, "minute"]];
  const first = units.findIndex(([count]) => count);
  const shown = units.slice(first, first + 2).filter(([count]) => count);
  return shown.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(" ");
}
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
function tick() {
  const seconds = Number(left.dataset.seconds) - (Date.now() - loaded) / 1000;
  const [minutes, warning] = ["minutes", "warning"].map((name) => left.querySelector(`.${name}`));
  left.classList.toggle("soon", seconds <= 300);
  if (seconds > 0) setText(minutes.querySelector("b"), inWords(seconds));
  else setText(minutes, "");
  if (seconds <= 0) setText(warning, "The time is over: you can no longer submit answers.");
  else if (seconds <= 300) setText(warning, "Submit now what you want graded.");
  if (seconds > 0) setTimeout(tick, 1000);
}
if (left) tick();

// A flash message is shown once: reloading the page drops it.
if (new URLSearchParams(location.search).has("done")) history.replaceState(null, "", location.pathname + location.hash);

document.addEventListener("htmx:afterSettle", makeScrollable);
document.addEventListener("htmx:afterSettle", disableUsedUp);
document.addEventListener("htmx:afterSwap", clearDraftStatus);
window.addEventListener("resize", makeScrollable);
document.addEventListener("change", (event) => { if (event.target.type === "checkbox") exclude(event.target); });
document.addEventListener("paste", paste);
document.addEventListener("keydown", submitOnEnter);
document.querySelectorAll(".palette").forEach(openPalette);
makeScrollable();
