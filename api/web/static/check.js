// The check: what was dropped, what of it is sent, and the report that comes back.
import { showFailure, showReport } from "./report.js";

const drop = document.getElementById("drop");
const input = document.getElementById("files");
const status = document.getElementById("status");
const result = document.getElementById("result");

const PDF_HEAD_BYTES = 1024; // viewers accept the header anywhere in there
const MAX_SIDE_BYTES = 1 << 20;

let held = { document: null, signature: null, evidence: null };
let checks = 0; // the newest check wins; the answer to an older one is dropped

input.addEventListener("change", () => {
  take([...input.files]);
  input.value = ""; // so that the same file can be chosen again
});
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, () => drop.classList.remove("over"));
}
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  take([...event.dataTransfer.files]);
});
// A file that misses the zone must not replace the page.
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => event.preventDefault());
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
    tell("Please check one document at a time. Drop it together with its .p7s or .eseal.json only.");
    return;
  }
  // A new document after a finished check has nothing to do with what lay beside the old one.
  if (documents.length === 1 && held.document) {
    held = { document: null, signature: null, evidence: null };
  }
  for (const file of files) held[kindOf(file)] = file;
  if (held.document || held.evidence) {
    check(held);
  } else {
    result.hidden = true;
    tell(`${held.signature.name} is a seal signature. Now add the document it belongs to.`);
  }
}

async function check(files) {
  const number = ++checks;
  const main = files.document || files.evidence;
  result.hidden = true;
  drop.classList.add("small");
  tell(`Checking ${main.name} …`, true);
  try {
    const { request, way } = await prepare(files);
    const response = await fetch("/v1/verifications", { method: "POST", ...request });
    const answer = await response.json();
    if (number !== checks) return;
    if (response.ok) {
      const use = drop.dataset.use; // on the page of one use
      showReport(result, answer, { file: main, way, beside: beside(files), use });
      tell(`Checked ${main.name}.`);
    } else {
      showFailure(result, answer.detail || answer.title, { file: main, way });
      tell("The check could not be made.");
    }
  } catch (error) {
    if (number !== checks) return;
    const reason =
      error instanceof Unreadable
        ? error.message
        : "The service could not be reached. This says nothing about the document; please try again.";
    showFailure(result, reason, { file: main, way: "" });
    tell("The check could not be made.");
  }
  status.classList.add("done"); // still read out; the result says it to the eye
  result.hidden = false;
  result.focus({ preventScroll: true });
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  result.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
}

class Unreadable extends Error {}

// What is sent: of a PDF everything, because its seal is inside; of any other file its digest.
async function prepare(files) {
  for (const side of [files.signature, files.evidence]) {
    if (side && side.size > MAX_SIDE_BYTES) {
      throw new Unreadable(`${side.name} is too large to be a signature or evidence file.`);
    }
  }
  if (!files.document) {
    return {
      request: form(files),
      way: "The evidence file was sent for the check. No document was compared with it.",
    };
  }
  if (await isPdf(files.document)) {
    return { request: form(files), way: "Sent to this service for the check, and not kept." };
  }
  if (!window.crypto || !crypto.subtle) {
    return {
      request: form(files),
      way:
        "Sent to this service for the check, and not kept: this page was not opened over https, " +
        "so the browser does not let it compute the digest on your device.",
    };
  }
  return {
    request: await digestOnly(files),
    way: "Stayed on your device. Only its digest was sent" + sentBeside(files) + ".",
  };
}

function sentBeside(files) {
  const names = [files.signature, files.evidence].filter(Boolean).map((file) => file.name);
  return names.length ? ", with " + names.join(" and ") : "";
}

function beside(files) {
  return [files.signature, files.document ? files.evidence : null]
    .filter(Boolean)
    .map((file) => file.name);
}

async function isPdf(file) {
  const head = await read(file.slice(0, PDF_HEAD_BYTES), file.name);
  return new TextDecoder("latin1").decode(head).includes("%PDF-");
}

function form(files) {
  const body = new FormData();
  if (files.document) body.append("file", files.document);
  if (files.signature) body.append("signature", files.signature);
  if (files.evidence) body.append("evidence", files.evidence);
  return { body };
}

async function digestOnly(files) {
  const data = await read(files.document, files.document.name);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  const asked = { digest: { alg: "sha-256", value: hex(digest) } };
  if (files.signature) {
    asked.signature = base64(new Uint8Array(await read(files.signature, files.signature.name)));
  }
  if (files.evidence) asked.evidence = await readJson(files.evidence);
  return { body: JSON.stringify(asked), headers: { "Content-Type": "application/json" } };
}

async function read(blob, name) {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new Unreadable(`${name} cannot be read here: it is a folder, too large, or was moved.`);
  }
}

async function readJson(file) {
  try {
    return JSON.parse(new TextDecoder().decode(await read(file, file.name)));
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`${file.name} is not an evidence file: it is not JSON.`);
  }
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function tell(text, busy = false) {
  status.textContent = text;
  status.classList.toggle("busy", busy);
  status.classList.remove("done");
}
