// The forms of sections 4 to 7, 9 and 10: what is not exactly so is refused.
import { createHash } from "node:crypto";
import { Certificate, integer, oid, parts, whole } from "./der.mjs";

export const H = (...bytes) => createHash("sha256").update(Buffer.concat(bytes)).digest();
export function demand(fulfilled, detail, word, red) {
  if (!fulfilled) throw Object.assign(new Error(detail), { expected: true, word, red });
}
const ARC = "6982e7a0f9e98dc0f2bc9d9aa9c3cbea888080", PKCS = "2a864886f70d01", SHA256 = "608648016503040201";
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n; // of P-256
const FORMS = { // canonical JSON has one order of members, so that one pattern tells a form
  hex: '"[0-9a-f]{64}"', hash: '"0x[0-9a-f]{64}"', number: "(?:0|[1-9]\\d{0,15})", text: '"(?:[^"\\\\]|\\\\.)+"',
  address: '"0x[0-9a-f]{40}"', time: '"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"', base64: '"[A-Za-z0-9+/]+={0,2}"',
  digest: '{"alg":"sha-256","value":<hex>}', ticket: '{"position":<number>,"value":<hex>,"volume":<number>}',
  media: '"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*"', id: '"[a-z2-7]{25}[aeimquy4]"',
  statement: '{"authorization":<hex>,"digest":<digest>,(?:"envelope":<hex>,)?(?:"external_reference":<text>,)?"id":<id>,' +
    '"media_type":<media>,"nonce":<hex>,"not_before":{"chain_id":<number>,"hash":<hash>,"number":<number>,' +
    '"registry":<address>},(?:"purpose":<text>,)?"seal":<hex>,"sealed_at":<time>,(?:"source":<digest>,)?"ticket":<ticket>,"v":2}',
  subject: '{(?:"founders":<hex>,)?"id":"[A-Z]{5}-[!-~]{1,60}","key":<hex>,"name":<text>,"proof":"[0-9a-f]{160}",' +
    '"signature":"[0-9a-f]{128}","subject":<hex>,"v":1,"valid_from":<time>}',
  anchor: '{"block":{"hash":<hash>,"number":<number>,"timestamp":<number>},"chain_id":<number>,' +
    '"contract":"0x[0-9a-fA-F]{40}","epoch":<number>,"log_id":<hex>,"root":<hex>,"size":<number>,"transaction":<hash>}',
  evidence: '{"anchor":(?:null|<anchor>),"chain":\\[(?:<base64>(?:,<base64>)*)?\\],"cms":<base64>,"issuer":<hex>,' +
    '"log":{"origin":<text>,"public_key":<base64>},"receipt":<text>,"statement":<statement>,"v":2}',
};
const pattern = (name) => FORMS[name].replace(/<(\w+)>/g, (_, inner) => pattern(inner));

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => JSON.stringify(name) + ":" + canonical(value[name]))}}`;
}
/** Whether a time exists: JavaScript takes the 31st of November for the 1st of December. */
const exists = (time) => time > '"0001' && JSON.stringify(new Date(JSON.parse(time))).replace(".000", "") === time;
/** A JSON object of a form; its bytes must be canonical unless its layout is free. */
export function read(bytes, form, longest, free = false) {
  const text = new TextDecoder("utf8", { fatal: true, ignoreBOM: true }).decode(bytes), again = canonical(JSON.parse(text));
  const good = bytes.length <= longest && (free || text === again) && new RegExp(`^${pattern(form)}$`).test(again);
  demand(good && (again.match(/(?<="(sealed_at|valid_from)":)"[^"]*"/g) ?? []).every(exists), `it is no ${form}`);
  return JSON.parse(text);
}
/** Whether a line of text reads as it is written. */
export const isLine = (text, longest) => text.trim() !== "" && [...text].length <= longest &&
  !/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(text.replace(/[\u200c\u200d]/g, ""));

/** The seal signature: section 5. */
export function readSeal(cms) {
  const [type, wrapped] = parts(whole(cms, 0x30));
  const [, , content, certificates, ...rest] = parts(parts(wrapped)[0]);
  const [signer, ...others] = parts(rest.at(-1));
  const [version, sid, hash, attributes, algorithm, signature] = parts(signer);
  const oids = [type, ...parts(content), parts(hash)[0]].map(oid).join();
  const plain = integer(version) === 1n && attributes.tag === 0xa0 && signature.tag === 4 && !others.length;
  demand(oids === `${PKCS}0702,${PKCS}0701,${SHA256}` && plain, "it is no detached CMS of one signer");
  const signed = parts(attributes).map(parts).map(([kind, values]) => [oid(kind), parts(values)]);
  const value = (kind) => {
    const [[, values], ...more] = signed.filter(([each]) => each === kind);
    demand(values.length === 1 && !more.length, `${kind} is not there once`);
    return values[0];
  };
  const octets = (kind) => whole(value(kind).raw, 4).value;
  const [first, second] = parts(parts(parts(value(PKCS + "0910022f"))[0])[0]); // ESSCertIDv2
  const named = first.tag === 4 ? first.value : oid(parts(first)[0]) === SHA256 && second.value;
  const certificate = new Certificate(parts(certificates).find(({ raw }) => H(raw).equals(named)).raw);
  const agreed = Buffer.concat([certificate.issuer, certificate.serial]).equals(sid.value);
  demand(agreed && oid(value(PKCS + "0903")) === PKCS + "0701", "it contradicts itself");
  return {
    certificate, algorithm: oid(parts(algorithm)[0]), signature: signature.value, digest: octets(PKCS + "0904"),
    signed: Buffer.concat([Buffer.of(0x31), attributes.raw.subarray(1)]), // as the set that they are
    statement: octets(ARC + "01"), subjectProof: octets(ARC + "03"), path: octets(ARC + "04"),
  };
}
/** An ECDSA signature value as leaves commit to it. */
export function normalised(signature) {
  const [r, s, ...more] = parts(whole(signature, 0x30)).map(integer);
  demand(!more.length && r && s && r < ORDER && s < ORDER, "it is no ECDSA value");
  return Buffer.from([r, 2n * s > ORDER ? ORDER - s : s].map((n) => n.toString(16).padStart(64, "0")).join(""), "hex");
}
/** Receipt and checkpoint: section 10. */
export function readReceipt(text) {
  const decimal = "(0|[1-9]\\d{0,18})", hash = "([A-Za-z0-9+/]{43}=)\n", line = "[^\n]+\n";
  const proof = `c2sp\\.org/tlog-proof@v1\n(?:extra ${line})?index ${decimal}\n((?:${hash}){0,63})\n`;
  const note = `((\\S+)\n${decimal}\n${hash}(?:${line})*)\n((?:— \\S+ \\S+\n)+)`;
  const [, index, hashes, , head, origin, size, root, lines] = new RegExp(`^${proof}${note}$`).exec(text) ?? [];
  demand(head, "it is no receipt");
  const base64 = (encoded) => Buffer.from(encoded, "base64"), path = hashes.split("\n").slice(0, -1).map(base64);
  const signature = (line) => ({ name: line.split(" ")[1], value: base64(line.split(" ")[2]) });
  const signatures = lines.split("\n").slice(0, -1).map(signature), signed = Buffer.from(head);
  return { index: BigInt(index), size: BigInt(size), root: base64(root), path, origin, signed, signatures };
}
