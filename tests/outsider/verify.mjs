// A verifier of evidence files, written from docs/protocol.md alone. It shares no code with eseal.
//   node verify.mjs --evidence FILE --trust FILE --node URL [--document FILE | --digest HEX] [--final TAG]
// Prints the verdict. Exit status: 0 green, 1 red, 2 amber.
import { createPublicKey, verify as verifySignature } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Certificate } from "./der.mjs";
import { canonical, H, isLine, normalised, read, readReceipt, readSeal } from "./forms.mjs";
import { array, holds, Ledger, number, Unreachable } from "./ledger.mjs";
import { verify as verifyVrf } from "./vrf.mjs";

const RED = ["signature_invalid", "unregistered_seal", "ticket_unknown", "transplanted", "record_mismatch",
  "backdated", "seal_not_active"];
const AMBER = ["not_understood", "head_disowned", "record_missing", "status_uncertain", "name_unproven",
  "untrusted_issuer", "ledger_unreachable", "anchor_pending"];
const [REGISTRY, LEDGER, CLOCKS] = ["seal_registry", "usage_ledger", 300n];
const [ZERO, ONE] = [Buffer.of(0), Buffer.of(1)];
const hex = (text) => Buffer.from(text.replace("0x", ""), "hex");
const base64 = (text) => Buffer.from(text, "base64");
const bigEndian = (value, bytes) => hex(BigInt(value).toString(16).padStart(2 * bytes, "0"));
const ed25519 = (key, message, signature) => verifySignature(null, message, // RFC 8410
  createPublicKey({ format: "der", type: "spki", key: Buffer.concat([hex("302a300506032b6570032100"), key]) }), signature);

class Finding extends Error {
  constructor(word, detail, red = RED.includes(word)) {
    super(detail);
    Object.assign(this, { word, red });
  }
}
function demand(fulfilled, detail, word) {
  if (!fulfilled) throw word ? new Finding(word, detail) : new Error(detail);
}

export async function verify({ evidence: bytes, document, digest, trust, node, final }) {
  const [checks, found, notes] = [{}, [], []];
  let evidence, seal, use, ticket, handle, ecdsa, top, receipt, ledger, issuer, sealOf, logId, keys, anchor, start;
  /** Makes a check if those it builds on passed; what goes wrong in it, means `otherwise`. */
  async function check(name, otherwise, needs, body) {
    checks[name] = "SKIPPED";
    if (!needs.every((each) => checks[each] === "VALID")) return;
    try {
      checks[name] = (await body()) ?? "VALID";
    } catch (error) {
      const word = error instanceof Unreachable ? "ledger_unreachable" : error.word ?? otherwise;
      found.push({ word, red: error.red ?? RED.includes(word) });
      checks[name] = `INVALID: ${word}: ${error.message}`;
    }
  }

  await check("seal", "not_understood", [], () => {
    evidence = read(bytes, "evidence", 256 * 1024, true);
    seal = readSeal(base64(evidence.cms));
    use = read(seal.statement, "statement", 5120);
    const { purpose = "-", external_reference: reference = "-", media_type: media, ticket: torn } = use;
    demand(isLine(purpose, 500) && isLine(reference, 200) && media.length <= 127, "texts");
    demand(Math.max(torn.volume, torn.position) < 2 ** 32 && Date.parse(use.sealed_at) > 0, "numbers");
    [ticket, handle] = [{ ...torn, value: hex(torn.value) }, hex(use.seal)];
  });
  await check("document", "transplanted", ["seal"], () => {
    if (!document && !digest) return "SKIPPED";
    const inside = use.source || use.media_type === "application/vnd.etsi.asic-e+zip";
    demand(!document || !inside, "the seal is in the document: give the digest of what it covers", "not_understood");
    demand(seal.digest.equals(document ? H(document) : digest), "another document than was sealed");
  });
  await check("signature", "not_understood", ["seal"], () => {
    const { certificate: { key }, algorithm } = seal;
    const { namedCurve, modulusLength } = key.asymmetricKeyDetails;
    ecdsa = namedCurve === "prime256v1" && algorithm === "1.2.840.10045.4.3.2";
    const rsa = key.asymmetricKeyType === "rsa" && modulusLength >= 3072 && /^1\.2\.840\.113549\.1\.1\.11?$/.test(algorithm);
    demand(ecdsa || rsa, "another algorithm than seals have");
    demand(verifySignature("sha256", seal.signed, key, seal.signature), "it does not verify", "signature_invalid");
  });
  await check("statement", "transplanted", ["signature"], () =>
    demand(hex(use.digest.value).equals(seal.digest), "it is of another document"));
  await check("chain", "untrusted_issuer", ["signature"], () => {
    const [path, roots] = [evidence.chain, trust.roots].map((list) => list.map((each) => new Certificate(base64(each))));
    path.unshift(seal.certificate);
    const isRoot = ({ der }) => roots.some((each) => each.der.equals(der));
    const above = roots.find(({ subject }) => subject.equals(path.at(-1).issuer));
    if (!isRoot(path.at(-1)) && above) path.push(above);
    demand(isRoot(path.at(-1)) && path.length <= 8, "it leads to no root you trust");
    demand(path[0].may(0, 1) && !path[0].x509.ca, "the certificate is not for sealing");
    const moment = Date.parse(use.sealed_at);
    const flaws = path.map((each, i) => (i ? each.issuerFlaw(path[i - 1], i - 1, moment) : each.flaw(moment)));
    demand(flaws.every((flaw) => flaw === null), flaws.join());
    top = H(path.at(-1).der);
  });
  await check("receipt", "record_missing", ["signature"], () => {
    receipt = readReceipt(evidence.receipt);
    const place = [bigEndian(ticket.volume, 4), bigEndian(ticket.position, 4)];
    const tag = H(Buffer.from("eseal tag 2\0"), handle, ...place, ticket.value);
    const commitment = H(ONE, H(seal.statement), H(ecdsa ? normalised(seal.signature) : seal.signature));
    let node = H(ZERO, bigEndian(receipt.index, 8), commitment, tag);
    let [index, last] = [receipt.index, receipt.size - 1n]; // RFC 9162 section 2.1.3.2
    demand(index <= last, "the leaf is not under the head");
    for (const beside of receipt.proof) {
      demand(last > 0n, "too many hashes");
      const right = index & 1n || index === last;
      node = right ? H(ONE, beside, node) : H(ONE, node, beside);
      while (right && !(index & 1n) && index) [index, last] = [index >> 1n, last >> 1n];
      [index, last] = [index >> 1n, last >> 1n];
    }
    demand(last === 0n && node.equals(receipt.root), "the proof leads elsewhere");
  });
  await check("registration", "transplanted", ["signature"], async () => {
    ledger = await Ledger.open(node, trust, final);
    const { chain_id: chain, number: height } = use.not_before;
    if (chain === trust.chain_id && ledger.final.number < BigInt(height)) throw new Unreachable("the node is behind");
    const [by, subject, , , registered, depth] = await ledger.call(REGISTRY, "3038bfa5", 7, handle);
    demand(number(registered), "the ledger does not know the seal", "unregistered_seal");
    demand(H(by, seal.certificate.der).equals(handle), "the seal is not the one that signed");
    issuer = by;
    sealOf = { subject, registered: number(registered), depth: Number(number(depth)) };
  });
  await check("subject", "name_unproven", ["registration"], async () => {
    const proof = read(seal.subjectProof, "subject", 2048);
    const prefix = proof.id.slice(0, 5);
    const trusted = trust.authorities.find(({ vrf_key: key, schemes }) => key === proof.key && schemes.includes(prefix));
    demand(trusted, "no authority that you trust for such ids");
    const subject = verifyVrf(hex(proof.key), Buffer.from(proof.id), hex(proof.proof))?.subarray(0, 32);
    demand(subject?.equals(hex(proof.subject)), "the id has another subject");
    const { signature, ...rest } = proof;
    const message = Buffer.from("eseal subject 1\0" + canonical(rest));
    const attested = ed25519(hex(trusted.attest_key), message, hex(signature));
    demand(attested && isLine(proof.name, 200), "the authority does not vouch for the name");
    const { name, id } = seal.certificate;
    demand(name === proof.name && id === proof.id, `the certificate is of ${name}, ${id}`);
    demand(sealOf.subject.equals(subject), "the seal is another company's");
    const [key, founders, , registered] = await ledger.call(REGISTRY, "8b6e1c8b", 4, subject);
    demand(number(registered) && key.equals(hex(proof.key)), "the company was not registered by that key");
    const [authority, attest, ...period] = await ledger.call(REGISTRY, "7fa2f5c3", 4, key);
    const [named] = await ledger.call(REGISTRY, "8e474801", 1, H(Buffer.from(prefix)));
    demand(attest.equals(hex(trusted.attest_key)) && authority.equals(named), "another authority's key");
    demand(holds(period, number(registered)), "the key was not in force");
    notes.push(`${name} (${id}), by authority key ${proof.key}`);
    if (!proof.founders || !number(founders)) notes.push("founders: vouched for by the operator only");
  });
  await check("book", "ticket_unknown", ["registration"], async () => {
    const [root, opened] = await ledger.call(REGISTRY, "40b3cb14", 2, handle, ticket.volume);
    if (!number(root)) throw new Finding("ticket_unknown", "there is no such volume (yet)", false);
    let node = H(ZERO, ticket.value);
    for (let i = 0; i < seal.path.length / 32; i++) {
      const beside = seal.path.subarray(32 * i, 32 * i + 32);
      node = (ticket.position >>> i) & 1 ? H(ONE, beside, node) : H(ONE, node, beside);
    }
    const fits = seal.path.length === 32 * sealOf.depth && ticket.position < 2 ** sealOf.depth;
    demand(fits && node.equals(root), "the ticket is not in its volume");
    demand(number(opened) <= BigInt(use.not_before.number), "the volume was opened later");
  });
  await check("log", "record_missing", ["registration", "receipt"], async () => {
    logId = H(issuer, Buffer.from(receipt.origin));
    demand((await ledger.call(LEDGER, "24547438", 1, issuer))[0].equals(logId), "not the log of the seal's issuer");
  });
  await check("checkpoint", "record_missing", ["log"], async () => {
    const words = await ledger.call(LEDGER, "089b7a68", 2, logId);
    const sizes = array(words, 0).map(number);
    keys = array(words, 1);
    const { origin, size, text, signatures } = receipt;
    const signs = (key) => {
      const id = H(Buffer.from(origin), Buffer.of(10, 1), key).subarray(0, 4);
      const own = signatures.filter(({ name, value }) => name === origin && value.subarray(0, 4).equals(id));
      return own.length > 0 && own.every(({ value }) => ed25519(key, text, value.subarray(4)));
    };
    const good = keys.filter((_, i) => i + 1 === keys.length || size <= sizes[i + 1]);
    demand(good.some(signs), "the head is not signed with a key that the log has for its size");
  });
  await check("anchor", "record_mismatch", ["checkpoint"], async () => {
    const { size, root } = receipt;
    const [held] = await ledger.call(LEDGER, "930b6ace", 1, logId, size);
    const bases = array(await ledger.call(LEDGER, "2c168f98", 1, logId), 0).map(number);
    const roots = [];
    for (const epoch of bases.keys()) roots.push((await ledger.call(LEDGER, "e11f31cf", 1, logId, epoch, size))[0]);
    const was = roots.some((each) => each.equals(root));
    demand(held.equals(root) || !was, "the head was disowned", "head_disowned");
    demand(number(held), "the head is not on the ledger yet", "anchor_pending");
    demand(held.equals(root), "the log signed another head than the ledger holds");
    const epoch = bases.findLastIndex((_, i) => number(roots[i]) && bases.slice(i + 1).every((base) => size <= base));
    const where = (from, to) => ledger.advanced(logId, epoch, size, from, to);
    const told = evidence.anchor?.block;
    const stands = told && (await ledger.block(told.number))?.hash === told.hash;
    const at = (stands && (await where(told.number, told.number))) || (await where(trust.block, ledger.final.number));
    if (!at) throw new Unreachable("the node shows no event of the head");
    anchor = { ...at, epoch, stands };
  });
  await check("evidence", "record_missing", ["registration", "receipt"], async () => {
    const same = (member, one, other) => demand(canonical(one) === canonical(other), `its member ${member} is wrong`);
    same("issuer", evidence.issuer, issuer.toString("hex"));
    same("statement", evidence.statement, use);
    same("log.origin", evidence.log.origin, receipt.origin);
    if (keys) demand(keys.some((key) => key.equals(base64(evidence.log.public_key))), "its log.public_key is wrong");
    const path = [seal.certificate, ...evidence.chain.map((each) => new Certificate(base64(each)))];
    demand(path.every((each, i) => !i || path[i - 1].isIssuedBy(each)), "its chain is wrong");
    if (evidence.anchor === null || !logId) return;
    const { block, transaction, epoch, contract, ...head } = evidence.anchor;
    const { size, root } = receipt;
    same("anchor", head, { chain_id: trust.chain_id, log_id: logId.toString("hex"), size: Number(size), root: root.toString("hex") });
    same("anchor.contract", contract.toLowerCase(), trust.usage_ledger.toLowerCase());
    if (!anchor?.stands) return;
    same("anchor.block", block, { number: Number(anchor.number), hash: anchor.hash, timestamp: Number(anchor.time) });
    same("anchor.transaction", [transaction, epoch], [anchor.transaction, anchor.epoch]);
  });
  await check("time", "backdated", ["anchor"], async () => {
    const { chain_id: chain, number: height, hash } = use.not_before;
    demand(chain === trust.chain_id && BigInt(height) <= anchor.number, "a block of another chain, or a later one");
    start = await ledger.block(height);
    demand(start?.hash === hash, "a block that never was");
    const claimed = BigInt(Date.parse(use.sealed_at)) / 1000n;
    demand(claimed >= start.time - CLOCKS && claimed <= anchor.time + CLOCKS, "sealed_at is not between the blocks");
  });
  await check("root", "untrusted_issuer", ["chain", "time"], async () => {
    const period = await ledger.call(REGISTRY, "51698c2f", 2, issuer, top);
    const good = [sealOf.registered, start.time, anchor.time].every((time) => holds(period, time));
    demand(good, "the ledger does not list the root for the issuer at those times");
  });
  await check("status", "seal_not_active", ["time"], async () => {
    const last = anchor.time > start.time ? anchor.time : start.time;
    const at = async (time) => (await ledger.call(REGISTRY, "ee5789a7", 4, handle, time)).map(number);
    const [[before], [after, , since]] = [await at(start.time), await at(last)];
    const never = [3n, 5n].includes(before) || [0n, 4n].includes(after);
    const changed = !never && (before !== after || since > start.time);
    demand(!changed, `its status changed from ${before} to ${after}`, "status_uncertain");
    demand(!never && after === 1n, `its status was ${before}, then ${after}`);
    notes.push(`used between ${new Date(Number(start.time) * 1000).toISOString()} and ${new Date(Number(last) * 1000).toISOString()}`);
  });

  checks.unique = "SKIPPED"; // only who reads the whole log can tell
  const believed = checks.signature === "VALID" || found.some(({ word }) => word === "signature_invalid");
  const counted = found.filter(({ word, red }) => (!red || believed) && (word !== "record_missing" || checks.registration === "VALID"));
  const rank = ({ word, red }) => (red ? 0 : 100) + [...RED, ...AMBER].indexOf(word);
  const [worst] = counted.sort((one, other) => rank(one) - rank(other));
  const { document: _, unique: __, ...needed } = checks;
  const green = !worst && Object.values(needed).every((status) => status === "VALID");
  const indication = green ? "TOTAL_PASSED" : worst?.red ? "TOTAL_FAILED" : "INDETERMINATE";
  return { indication, finding: green ? "authentic" : worst?.word ?? "not_understood", checks, notes };
}

const text = { type: "string" };
const { values } = parseArgs({ options: { evidence: text, document: text, digest: text, trust: text, node: text, final: text } });
const verdict = await verify({
  evidence: readFileSync(values.evidence),
  document: values.document && readFileSync(values.document),
  digest: values.digest && hex(values.digest),
  trust: JSON.parse(readFileSync(values.trust)),
  node: values.node,
  final: values.final ?? "finalized",
});
console.log(JSON.stringify(verdict, null, 2));
process.exitCode = { TOTAL_PASSED: 0, TOTAL_FAILED: 1 }[verdict.indication] ?? 2;
