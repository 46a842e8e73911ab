// The forms of sections 4 to 6, 9 and 10: what is not exactly so is refused.
import { createHash } from "node:crypto";
import { Certificate, integer, oid, parts, whole } from "./der.mjs";

export const H = (...bytes) => createHash("sha256").update(Buffer.concat(bytes)).digest();

const ID = "1.2.840.113549.1.7", SHA256 = "2.16.840.1.101.3.4.2.1";
const ARC = "2.25.238767520395259532724117411395253829";
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n; // of P-256
const PIECES = { // canonical JSON has one order of members, so that one pattern tells a form
  hex: '"[0-9a-f]{64}"', hash: '"0x[0-9a-f]{64}"', number: "(?:0|[1-9]\\d{0,15})",
  text: '"(?:[^"\\\\]|\\\\.)+"', time: '"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"',
  base64: '"[A-Za-z0-9+/]+={0,2}"', digest: '{"alg":"sha-256","value":<hex>}',
  statement: '{"authorization":<hex>,"digest":<digest>,(?:"envelope":<hex>,)?' +
    '(?:"external_reference":<text>,)?"id":"[a-z2-7]{25}[aeimquy4]",' +
    '"media_type":"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*","nonce":<hex>,' +
    '"not_before":{"chain_id":<number>,"hash":<hash>,"number":<number>},(?:"purpose":<text>,)?' +
    '"seal":<hex>,"sealed_at":<time>,(?:"source":<digest>,)?' +
    '"ticket":{"position":<number>,"value":<hex>,"volume":<number>},"v":2}',
  subject: '{(?:"founders":<hex>,)?"id":"[A-Z]{5}-[!-~]{1,60}","key":<hex>,"name":<text>,' +
    '"proof":"[0-9a-f]{160}","signature":"[0-9a-f]{128}","subject":<hex>,"v":1,"valid_from":<time>}',
  anchor: '{"block":{"hash":<hash>,"number":<number>,"timestamp":<number>},"chain_id":<number>,' +
    '"contract":"0x[0-9a-fA-F]{40}","epoch":<number>,"log_id":<hex>,"root":<hex>,' +
    '"size":<number>,"transaction":<hash>}',
  evidence: '{"anchor":(?:null|<anchor>),"chain":\\[(?:<base64>(?:,<base64>)*)?\\],"cms":<base64>,' +
    '"issuer":<hex>,"log":{"origin":<text>,"public_key":<base64>},"receipt":<text>,' +
    '"statement":<statement>,"v":2}',
};
const pattern = (name) => PIECES[name].replace(/<(\w+)>/g, (_, inner) => pattern(inner));
const RECEIPT =
  /^c2sp\.org\/tlog-proof@v1\n(?:extra \S+\n)?index (0|[1-9]\d*)\n((?:[\w+/]{43}=\n){0,63})\n([^]+)$/;

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((k) => JSON.stringify(k) + ":" + canonical(value[k]));
  return `{${members}}`;
}

/** A JSON object of a form; its bytes must be canonical unless its layout is free. */
export function read(bytes, form, longest, free = false) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const again = canonical(JSON.parse(text));
  const good = bytes.length <= longest && (free || text === again) && new RegExp(`^${pattern(form)}$`, "u").test(again);
  if (!good) throw new Error(`it is no ${form}`);
  return JSON.parse(text);
}
/** A line of text that reads as it is written. */
export function isLine(text, longest) {
  const shown = text.replace(/[\u200c\u200d]/g, "");
  const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(shown);
  return text.trim() !== "" && [...text].length <= longest && !hidden;
}

/** The seal signature: section 5. */
export function readSeal(cms) {
  const [type, wrapped] = parts(whole(cms, 0x30));
  const [, , content, certificates, ...rest] = parts(parts(wrapped)[0]);
  const [signer, ...others] = parts(rest.at(-1));
  const [version, sid, hash, attributes, algorithm, signature] = parts(signer);
  const oids = [type, ...parts(content), parts(hash)[0]].map(oid).join();
  const good = oids === `${ID}.2,${ID}.1,${SHA256}` && integer(version) === 1n && attributes.tag === 0xa0;
  if (!good || others.length) throw new Error("not a detached SignedData of one signer over SHA-256");
  const signed = parts(attributes).map(parts).map(([kind, values]) => [oid(kind), parts(values)]);
  const value = (kind) => { // there once, with one value
    const found = signed.filter(([each]) => each === kind);
    if (found.length !== 1 || found[0][1].length !== 1) throw new Error(`attribute ${kind} is not there once`);
    return found[0][1][0];
  };
  const octets = (kind) => whole(value(kind).raw, 4).value;
  const [first, second] = parts(parts(parts(value("1.2.840.113549.1.9.16.2.47"))[0])[0]);
  const named = first.tag === 4 ? first : oid(parts(first)[0]) === SHA256 ? second : null;
  const found = parts(certificates).find(({ raw }) => H(raw).equals(named?.value ?? raw));
  const certificate = new Certificate(found.raw);
  const sidNamed = Buffer.concat([certificate.issuer, certificate.serial]);
  if (oid(value("1.2.840.113549.1.9.3")) !== `${ID}.1` || !sid.value.equals(sidNamed)) throw new Error("contradicts itself");
  return {
    certificate, digest: octets("1.2.840.113549.1.9.4"), statement: octets(ARC + "633"),
    subjectProof: octets(ARC + "635"), path: octets(ARC + "636"), signature: signature.value,
    algorithm: oid(parts(algorithm)[0]), signed: Buffer.concat([Buffer.of(0x31), attributes.raw.subarray(1)]),
  };
}
/** An ECDSA signature value as leaves commit to it. */
export function normalised(signature) {
  const [r, s, ...more] = parts(whole(signature, 0x30)).map(integer);
  if (more.length || !(0n < r && r < ORDER && 0n < s && s < ORDER)) throw new Error("no ECDSA value");
  const bytes = [r, 2n * s > ORDER ? ORDER - s : s].map((n) => n.toString(16).padStart(64, "0"));
  return Buffer.from(bytes.join(""), "hex");
}

/** Receipt and checkpoint: section 10. */
export function readReceipt(text) {
  const [, index, hashes, note] = RECEIPT.exec(text) ?? [];
  const end = note?.lastIndexOf("\n\n") ?? -1;
  if (end < 0) throw new Error("not a receipt");
  const [origin, size, root, ...extensions] = note.slice(0, end).split("\n");
  const signatures = note.slice(end + 2).split("\n").slice(0, -1).map((each) => /^— (\S+) (\S+)$/u.exec(each));
  const decimal = /^(0|[1-9]\d*)$/.test(size) && BigInt(size) < 2n ** 63n && BigInt(index) < 2n ** 63n;
  if (!decimal || !signatures.every(Boolean) || !extensions.every(Boolean) || !/^[\w+/]{43}=$/.test(root))
    throw new Error("not a checkpoint");
  return {
    index: BigInt(index), origin, size: BigInt(size), root: Buffer.from(root, "base64"),
    proof: hashes.split("\n").slice(0, -1).map((each) => Buffer.from(each, "base64")),
    text: Buffer.from(note.slice(0, end + 1)),
    signatures: signatures.map(([, name, value]) => ({ name, value: Buffer.from(value, "base64") })),
  };
}
