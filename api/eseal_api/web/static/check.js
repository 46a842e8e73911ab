// The check: what was chosen, what of it is sent, and the page that comes back.
import { dress } from "./times.js";

const FILE_HEAD_BYTES = 1024; // viewers accept the header of a PDF anywhere in there
const MAX_SIDE_BYTES = 1 << 20;
const CONTAINER_AT = 30; // of an ASiC-E container: the name and content of its first member
const CONTAINER = "mimetypeapplication/vnd.etsi.asic-e+zip";
const SEALED_NAME = /\.sealed(-\d+)?\.pdf$/i; // keeps its name when what was added is taken off
const PATIENCE_MS = 1000; // what takes longer shows how far it is
const WAITING_MS = 300;

let held = nothing();
let checks = 0; // the newest check wins; the answer to an older one is dropped

const byId = (id) => document.getElementById(id);
const form = () => byId("check");
const said = (name, values = {}) =>
  JSON.parse(form().dataset.words)[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

class Unreadable extends Error {}

function nothing() {
  return { document: null, signature: null, evidence: null };
}

// Everything is listened for at the document: a change of language puts a new page in its place.
document.addEventListener("change", (event) => {
  if (event.target.id !== "files") return;
  take([...event.target.files]);
  event.target.value = ""; // so that the same file can be chosen again
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "extract" || !held.document) return;
  event.preventDefault();
  extract(event.target);
});
document.addEventListener("click", (event) => {
  if (event.target.id === "print") window.print();
  const language = event.target.closest(".languages a");
  if (language && (held.document || held.evidence)) {
    event.preventDefault();
    check(held, language.href);
  }
});
// A file that misses the zone is taken as well: it must not replace the page.
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  window.addEventListener(name, (event) => {
    event.preventDefault();
    const over = name === "dragenter" || name === "dragover";
    byId("drop").classList.toggle("over", over);
    if (name === "drop") take([...event.dataTransfer.files]);
  });
}

function kindOf(file) {
  const name = file.name.toLowerCase();
  if (name.endsWith(".p7s") || name.endsWith(".p7m")) return "signature";
  if (name.endsWith(".eseal.json")) return "evidence";
  return "document";
}

function take(files) {
  if (files.length === 0) return;
  const documents = files.filter((file) => kindOf(file) === "document");
  if (documents.length > 1) {
    tell(said("one"));
    return;
  }
  // A new document after a finished check has nothing to do with what lay beside the old one.
  if (documents.length === 1 && held.document) held = nothing();
  for (const file of files) held[kindOf(file)] = file;
  if (held.document || held.evidence) {
    check(held);
  } else {
    byId("result").hidden = true;
    tell(said("wants_document", { file: held.signature.name }));
  }
}

// With `address`, the whole page is shown anew: in another language.
async function check(files, address = null) {
  const number = ++checks;
  const main = files.document || files.evidence;
  const waiting = startWaiting(said("checking", { file: main.name }), number);
  try {
    const body = await prepare(files);
    const page = await post(address || form().action, body, (part) => {
      if (number === checks) waiting.sent(said("sending", { file: main.name, percent: part }));
    });
    if (number !== checks) return;
    if (address) turnTo(page, address);
    show(page.getElementById("result"), page.title, said("done", { file: main.name }));
    if (address) document.querySelector(".languages [aria-current]").focus();
  } catch (error) {
    if (number !== checks) return;
    const reason = error instanceof Unreadable ? error.message : said("unreachable");
    const failure = byId("unreachable").content.cloneNode(true);
    failure.querySelector(".sentence").textContent = reason;
    const box = document.createElement("section");
    box.append(failure);
    show(box, document.title, said("failed"));
  } finally {
    waiting.end();
  }
}

function show(result, title, spoken) {
  const place = byId("result");
  place.replaceChildren(...document.importNode(result, true).childNodes);
  prepareFor(place);
  document.title = title;
  tell(spoken);
  byId("status").classList.add("done"); // still read out; the result says it to the eye
  place.removeAttribute("aria-busy");
  place.hidden = false;
  place.focus({ preventScroll: true });
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
}

function turnTo(page, address) {
  document.documentElement.lang = page.documentElement.lang;
  document.body.replaceChildren(...document.importNode(page.body, true).childNodes);
  history.replaceState(null, "", address);
  prepareFor(document);
}

// A field for readers without scripts is hidden here: it must not keep a form from being sent.
function prepareFor(place) {
  dress(place);
  for (const input of place.querySelectorAll(".plain-only input")) input.required = false;
}

// The form becomes a line at once; the result's place is kept while it is waited for.
function startWaiting(text, number) {
  const begun = Date.now();
  const result = byId("result");
  form().classList.add("small");
  tell(text, true);
  result.setAttribute("aria-busy", "true");
  const keep = setTimeout(() => {
    if (number !== checks) return;
    result.replaceChildren(byId("waiting").content.cloneNode(true));
    result.hidden = false;
  }, WAITING_MS);
  const tick = setInterval(() => {
    const seconds = Math.floor((Date.now() - begun) / 1000);
    if (number === checks) byId("ticks").textContent = said("seconds", { seconds });
  }, PATIENCE_MS);
  return {
    sent(words) {
      if (Date.now() - begun > PATIENCE_MS) byId("ticks").textContent = words;
    },
    end() {
      clearTimeout(keep);
      clearInterval(tick);
      if (number === checks) byId("ticks").textContent = "";
    },
  };
}

// The page that answers a form. Only this way of asking says how much has been sent.
function post(address, body, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "document";
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      if (loaded < total) progress(Math.floor((100 * loaded) / total));
    });
    request.addEventListener("load", () => {
      const page = request.response;
      if (page && page.getElementById("result")) resolve(page);
      else reject(new Error("no page came back"));
    });
    request.addEventListener("error", () => reject(new Error("no answer")));
    request.send(body);
  });
}

// What is sent: of what holds its seal inside everything; of any other file its digest.
async function prepare(files) {
  for (const side of [files.signature, files.evidence]) {
    if (side && side.size > MAX_SIDE_BYTES) {
      throw new Unreadable(said("too_large_beside", { file: side.name }));
    }
  }
  const body = new FormData();
  const main = files.document;
  if (main && (await holdsItsSeal(main))) {
    body.append("file", main);
    body.append("way", "sent");
  } else if (main && window.crypto && crypto.subtle) {
    body.append("digest", await digestOf(main));
    body.append("name", main.name);
    body.append("size", String(main.size));
    body.append("way", "stayed");
  } else if (main) {
    body.append("file", main);
    body.append("way", "insecure");
  } else {
    body.append("way", "evidence");
  }
  for (const side of ["signature", "evidence"]) {
    if (!files[side]) continue;
    await read(files[side].slice(0, 1), files[side].name); // or the request would fail namelessly
    body.append(side, files[side]);
  }
  return body;
}

async function holdsItsSeal(file) {
  const bytes = await read(file.slice(0, FILE_HEAD_BYTES), file.name);
  const head = new TextDecoder("latin1").decode(bytes);
  return head.includes("%PDF-") || head.startsWith(CONTAINER, CONTAINER_AT);
}

async function digestOf(file) {
  tell(said("reading", { file: file.name }), true);
  const digest = await crypto.subtle.digest("SHA-256", await read(file, file.name));
  tell(said("checking", { file: file.name }), true);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function read(blob, name) {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new Unreadable(said("unreadable", { file: name }));
  }
}

// The sealed document alone, out of the file that was checked.
async function extract(asked) {
  const file = held.document;
  const body = new FormData();
  body.append("file", file);
  try {
    const response = await fetch(asked.action, { method: "POST", body });
    if (!response.ok) throw new Error("refused");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = SEALED_NAME.test(file.name)
      ? file.name
      : `${file.name.replace(/\.pdf$/i, "")}.sealed.pdf`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), PATIENCE_MS);
  } catch {
    tell(said("failed"));
  }
}

function tell(text, busy = false) {
  const status = byId("status");
  status.textContent = text;
  status.classList.toggle("busy", busy);
  status.classList.remove("done");
}
