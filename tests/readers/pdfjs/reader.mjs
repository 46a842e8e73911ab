// What pdf.js shows of a file; answers one line of JSON on standard input with another.
// A question has pdf, folder, dpi and pages; pictures go into the folder as PPM.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const { createCanvas } = require("@napi-rs/canvas");
const home = dirname(require.resolve("pdfjs-dist/package.json"));
// The library warns on standard output, which is ours.
console.log = console.warn = console.info = () => {};
const pdfjs = await import("pdfjs-dist/legacy/build/pdf.mjs");

async function open(path) {
  return await pdfjs.getDocument({
    data: new Uint8Array(readFileSync(path)),
    cMapUrl: join(home, "cmaps/"),
    standardFontDataUrl: join(home, "standard_fonts/"),
    wasmUrl: join(home, "wasm/"),
    iccUrl: join(home, "iccs/"),
    isEvalSupported: false,
    stopAtErrors: false,
    verbosity: 0,
  }).promise;
}

function ppm(canvas) {
  const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const head = Buffer.from(`P6\n${width} ${height}\n255\n`), body = Buffer.alloc(width * height * 3);
  for (let i = 0, o = 0; i < data.length; i += 4) {
    body[o++] = data[i];
    body[o++] = data[i + 1];
    body[o++] = data[i + 2];
  }
  return Buffer.concat([head, body]);
}

async function draw(page, scale, file) {
  const viewport = page.getViewport({ scale });
  const canvas = createCanvas(Math.max(1, Math.round(viewport.width)), Math.max(1, Math.round(viewport.height)));
  const canvasContext = canvas.getContext("2d");
  await page.render({ canvasContext, viewport, background: "white" }).promise;
  writeFileSync(file, ppm(canvas));
}

async function describe(page, number, out) {
  const content = await page.getTextContent();
  out.texts.push(content.items.map((item) => (item.str ?? "") + (item.hasEOL ? "\n" : "")).join(""));
  for (const mark of await page.getAnnotations()) {
    const { subtype, rect, contentsObj, annotationFlags, fieldName, fieldValue, checkBox, exportValue } = mark;
    const words = [subtype, rect, contentsObj?.str, annotationFlags, mark.hidden, mark.noView];
    if (mark.fieldType === "Sig") continue;
    if (subtype !== "Widget") out.marks.push(`${number} ${JSON.stringify(words)}`);
    else
      out.fields.push([fieldName, JSON.stringify([mark.fieldType, fieldValue, checkBox, exportValue, mark.hasAppearance, ...words])]);
  }
}

async function attachments(document) {
  // Newer versions give a map, older ones an object.
  const found = (await document.getAttachments()) ?? {};
  const entries = found instanceof Map ? [...found.entries()] : Object.entries(found);
  return await Promise.all(entries.map(async ([key, file]) => {
    const content = file.content ?? (await document.getAttachmentContent?.(key));
    const digest = content ? createHash("sha256").update(content).digest("hex") : "cannot be saved";
    return [file.filename ?? key, digest];
  }));
}

async function answer({ pdf, folder, dpi, pages }) {
  const document = await open(pdf);
  try {
    const out = { count: document.numPages, texts: [], fields: [], marks: [] };
    for (let number = 1; number <= Math.min(document.numPages, pages); number++) {
      const page = await document.getPage(number);
      await draw(page, dpi / 72, join(folder, `${number}.ppm`));
      await describe(page, number - 1, out);
    }
    out.attachments = await attachments(document);
    return out;
  } finally {
    await document.loadingTask.destroy();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let told;
  try {
    told = await answer(JSON.parse(line));
  } catch (error) {
    told = { error: `pdf.js: ${error?.message ?? error}` };
  }
  process.stdout.write(JSON.stringify(told) + "\n");
}
