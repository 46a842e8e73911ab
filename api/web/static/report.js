// A report as a page. Everything from outside goes in as text, never as markup.

const WORDS = {
  TOTAL_PASSED: { look: "passed", sign: "tick", title: "Genuine" },
  TOTAL_FAILED: { look: "failed", sign: "cross", title: "Not to be relied on" },
  INDETERMINATE: { look: "open", sign: "question", title: "Not decided" },
};
const TITLES = {
  no_seal: "No seal found",
  anchor_pending: "Recorded, not yet anchored",
  ledger_unreachable: "Try again later",
  witnesses_missing: "Too few witnesses",
};
const HINTS = {
  no_seal:
    "Did a .p7s or .eseal.json file come with the document? Add it above: a seal on anything but a PDF lies beside it.",
  anchor_pending: "Heads of the log go to the ledger every few seconds. Check again in a moment.",
};
const CHECKS = {
  file: "The file",
  seal: "The seal in the file",
  document: "The document's content",
  revisions: "Later additions",
  signature: "The seal signature",
  chain: "The certificate's issuers",
  statement: "The signed statement",
  evidence: "The evidence file",
  receipt: "The receipt",
  inclusion: "The use in the log",
  registration: "The seal's registration",
  log: "The log's owner",
  checkpoint: "The log's signature",
  witnesses: "The log's witnesses",
  anchor: "The log's head on the ledger",
  time: "The time of use",
  status: "The seal's status at that time",
};
const STATUS = {
  INVALID: { look: "invalid", sign: "cross", word: "failed", place: 0 },
  ERROR: { look: "error", sign: "question", word: "could not be checked", place: 1 },
  SKIPPED: { look: "skipped", sign: "dash", word: "not checked", place: 2 },
  VALID: { look: "valid", sign: "tick", word: "in order", place: 3 },
};
const PATHS = {
  tick: "M4 12.5l5.2 5.2L20 7",
  cross: "M6 6l12 12M18 6L6 18",
  question: "M8.6 8.8a3.5 3.5 0 1 1 5.2 3.3c-1.2.7-1.8 1.300-1.800 2.700M12 18.800v.1",
  dash: "M6 12h12",
};
const SVG = "http://www.w3.org/2000/svg";

/** Show a report in `section`. `about`: { file, way, beside, use }; `use` is the page's own. */
export function showReport(section, report, about) {
  const words = WORDS[report.indication];
  section.replaceChildren(
    verdict(
      words.look,
      words.sign,
      TITLES[report.finding] || words.title,
      report.message,
      HINTS[report.finding],
    ),
    usePart(report, about.use),
    filePart(about),
    ...sealsPart(report),
    checksPart(report),
    detailPart(report),
  );
}

/** Show that no report could be had. */
export function showFailure(section, reason, about) {
  const open = WORDS.INDETERMINATE;
  section.replaceChildren(
    verdict(open.look, open.sign, "The check could not be made", reason),
    filePart(about),
  );
}

function verdict(look, sign, title, sentence, hint) {
  const text = element("div", "", [
    element("h2", "", title),
    element("p", "sentence", sentence),
    hint ? element("p", "hint", hint) : null,
  ]);
  return element("div", `verdict ${look}`, [element("span", "light", [icon(sign)]), text]);
}

// A genuine document may carry the printed code of another one.
function usePart(report, use) {
  if (!use) return "";
  const found = report.seals.some((seal) => seal.use && seal.use.id === use);
  const text = found
    ? "This is the use that the code names."
    : "The code names another use: this document is not the one it was made for.";
  return element("p", found ? "same-use" : "same-use other", text);
}

function filePart({ file, way, beside = [] }) {
  const box = element("div", "file", [
    element("span", "file-name", file.name),
    element("span", "file-size", size(file.size)),
    beside.length ? element("span", "file-size", `with ${beside.join(" and ")}`) : null,
    way ? element("span", "file-way", way) : null,
  ]);
  return part("Document", [box]);
}

function sealsPart(report) {
  if (report.seals.length === 0) return [];
  const title = report.seals.length === 1 ? "Seal" : `${report.seals.length} seals`;
  const several = report.seals.length > 1;
  return [part(title, report.seals.map((seal) => sealBox(seal, several)))];
}

function sealBox(seal, several) {
  const words = WORDS[seal.indication];
  const trusted = seal.indication === "TOTAL_PASSED" || seal.finding === "anchor_pending";
  const name = seal.name || "A certificate that names nobody";
  return element("div", "seal", [
    several ? element("div", `seal-word ${words.look}`, TITLES[seal.finding] || words.title) : null,
    element("div", "seal-name", trusted ? name : `Claims: ${name}`),
    seal.registration_id ? element("div", "seal-id", seal.registration_id) : null,
    several ? element("div", "check-detail", seal.message) : null,
    facts([
      ["Purpose", seal.use && seal.use.purpose],
      ["Sealed", seal.use && moment(seal.use.sealed_at)],
      ["Proven time", window_(seal.proven_time)],
      ["Use of this seal", seal.use && `no. ${seal.use.seq}`],
      ["Field in the PDF", seal.field],
    ]),
  ]);
}

function checksPart(report) {
  // What decided comes first; the rest stays in the order in which it was checked.
  const place = (check) => STATUS[check.status].place;
  const sorted = [...report.checks].sort((one, other) => place(one) - place(other));
  const list = element("ul", "checks", sorted.map(checkRow));
  return part("Reasons", [list]);
}

function checkRow(check) {
  const status = STATUS[check.status];
  const sign = icon(status.sign);
  sign.setAttribute("class", "check-sign");
  const title = element("span", "check-name", [
    CHECKS[check.name] || check.name,
    element("span", "check-word", ` – ${status.word}`),
  ]);
  const basis = basisOf(check.rests_on);
  return element("li", status.look, [
    sign,
    title,
    element("span", "check-detail", check.detail),
    basis ? element("span", "check-basis", basis) : null,
  ]);
}

function basisOf(basis) {
  const said = [];
  if (basis.log_index !== undefined) said.push(`leaf ${basis.log_index}`);
  if (basis.head_size !== undefined) said.push(`head of ${basis.head_size}`);
  if (basis.block) said.push(`block ${basis.block.number}`);
  if (basis.finality) said.push(`final: ${basis.finality}`);
  if (basis.age !== undefined) said.push(`${duration(basis.age)} old`);
  return said.join(" · ");
}

function detailPart(report) {
  const details = element("details", "", [
    element("summary", "", "Technical detail"),
    facts([
      ["Indication", report.indication],
      ["Sub-indication", report.sub_indication || "none"],
      ["Finding", report.finding],
      ...report.seals.flatMap((seal) => [
        ["Seal's handle", seal.handle],
        ["Use", seal.use && seal.use.id],
        ["Sealed digest", seal.use && seal.use.digest],
        ["Log", seal.log && `${seal.log.origin}, leaf ${seal.log.index}`],
      ]),
    ]),
    element("pre", "", [element("code", "", JSON.stringify(report, null, 2))]),
  ]);
  details.querySelector("pre").tabIndex = 0; // so that the keyboard can scroll it
  return element("div", "part", [details]);
}

function part(title, children) {
  return element("div", "part", [element("h3", "", title), ...children]);
}

function facts(rows) {
  const list = element("dl", "facts", []);
  for (const [name, value] of rows) {
    if (value === null || value === undefined || value === "") continue;
    list.append(element("dt", "", name), element("dd", "", String(value)));
  }
  return list.childElementCount ? list : null;
}

function window_(proven) {
  if (!proven) return null;
  if (!proven.not_after) return `not before ${moment(proven.not_before)}`;
  return `between ${moment(proven.not_before)} and ${moment(proven.not_after)}, by the ledger`;
}

function moment(text) {
  if (!text) return null;
  const options = { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" };
  return `${new Intl.DateTimeFormat("en-GB", options).format(new Date(text))} UTC`;
}

function duration(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries({
    d: PATHS[name],
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "3",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  })) {
    path.setAttribute(key, value);
  }
  svg.append(path);
  return svg;
}

function element(name, look, content) {
  const node = document.createElement(name);
  if (look) node.className = look;
  if (Array.isArray(content)) node.append(...content.filter((one) => one !== null));
  else if (content) node.textContent = content;
  return node;
}
