// A verifier of evidence files, written from docs/protocol.md alone. It shares no code with eseal.
//   node verify.mjs --evidence=FILE --trust=FILE --node=URL [--document=FILE | --digest=HEX] [--final=TAG]
// Prints the verdict. Exit status: 0 green, 1 red, 2 amber.
import { createPublicKey, verify as verifySignature } from "node:crypto";
import { readFileSync } from "node:fs";
import { Certificate } from "./der.mjs";
import { canonical, demand, H, isLine, normalised, read, readReceipt, readSeal } from "./forms.mjs";
import { array, holds, number, open } from "./ledger.mjs";
import { verify as verifyVrf } from "./vrf.mjs";

const RED = ["signature_invalid", "unregistered_seal", "ticket_unknown", "transplanted", "record_mismatch",
  "backdated", "seal_not_active"];
const AMBER = ["not_understood", "head_disowned", "record_missing", "status_uncertain", "name_unproven",
  "untrusted_issuer", "ledger_unreachable", "anchor_pending"];
const REGISTRY = "seal_registry", LEDGER = "usage_ledger", CLOCKS = 300n, ZERO = Buffer.of(0), ONE = Buffer.of(1);
const hex = (text) => Buffer.from(text.replace("0x", ""), "hex");
const load = (text) => new Certificate(Buffer.from(text, "base64"));
const bigEndian = (value, bytes) => hex(BigInt(value).toString(16).padStart(2 * bytes, "0"));
const join = (node, beside, right) => (right ? H(ONE, beside, node) : H(ONE, node, beside));
const jwk = (key) => ({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x: key.toString("base64url") } });
const ed25519 = (key, message, signature) => verifySignature(null, message, createPublicKey(jwk(key)), signature);

export async function verify({ evidenceBytes, document, digest, trust, node, final }) {
  const checks = { unique: "SKIPPED" }, found = [], notes = []; // only who reads the whole log can tell `unique`
  let evidence, seal, use, ticket, handle, ecdsa, top, receipt, ledger, issuer, sealOf, logId, keys, anchor, start;
  /** Makes a check if those it builds on passed; what goes wrong in it, means `otherwise`. */
  async function check(name, otherwise, needs, body) {
    if (!needs.every((each) => checks[each] === "VALID")) return void (checks[name] = "SKIPPED");
    try {
      checks[name] = (await body()) ?? "VALID";
    } catch (error) {
      const unforeseen = RED.includes(otherwise) ? "not_understood" : otherwise; // what goes wrong here accuses nobody
      const word = error.expected ? error.word ?? otherwise : unforeseen;
      found.push({ word, red: error.red ?? RED.includes(word) });
      checks[name] = `INVALID: ${word}: ${error.message}`;
    }
  }

  await check("seal", "not_understood", [], () => {
    evidence = read(evidenceBytes, "evidence", 256 * 1024, true);
    seal = readSeal(Buffer.from(evidence.cms, "base64"));
    use = read(seal.statement, "statement", 5120);
    const { purpose = "-", external_reference: reference = "-", media_type: media, ticket: torn } = use;
    demand(isLine(purpose, 500) && isLine(reference, 200) && media.length <= 127, "its texts are not in order");
    demand(Math.max(torn.volume, torn.position) < 2 ** 32, "its numbers are not in order");
    [ticket, handle] = [{ ...torn, value: hex(torn.value) }, hex(use.seal)];
  });
  await check("document", "transplanted", ["seal"], () => {
    if (!document && !digest) return "SKIPPED";
    const inside = use.source || use.media_type === "application/vnd.etsi.asic-e+zip";
    demand(!document || !inside, "the seal is in the document: give the digest of what it covers", "not_understood");
    demand(seal.digest.equals(document ? H(document) : digest), "another document than was sealed");
  });
  await check("signature", "not_understood", ["seal"], () => {
    const { certificate: { key }, algorithm } = seal, { namedCurve, modulusLength } = key.asymmetricKeyDetails;
    ecdsa = namedCurve === "prime256v1" && algorithm === "2a8648ce3d040302";
    demand(ecdsa || (modulusLength >= 3072 && /^2a864886f70d01010[1b]$/.test(algorithm)), "another algorithm");
    demand(verifySignature("sha256", seal.signed, key, seal.signature), "it does not verify", "signature_invalid");
  });
  await check("statement", "transplanted", ["signature"], () =>
    demand(hex(use.digest.value).equals(seal.digest), "it is of another document"));
  await check("chain", "untrusted_issuer", ["signature"], () => {
    const path = [seal.certificate, ...evidence.chain.map(load)], roots = trust.roots.map(load);
    const isRoot = ({ der }) => roots.some((each) => each.der.equals(der));
    if (!isRoot(path.at(-1))) path.push(...roots.filter((each) => each.subject.equals(path.at(-1).issuer)).slice(0, 1));
    demand(isRoot(path.at(-1)) && path.length <= 8, "it leads to no root you trust");
    demand(path[0].may(0, 1) && !path[0].x509.ca, "the certificate is not for sealing");
    const moment = Date.parse(use.sealed_at), mayIssue = (each, i) => each.mayIssue(path[i], i, moment);
    demand(path[0].isGood(moment) && path.slice(1).every(mayIssue), "a certificate was not valid, or no good issuer");
    top = H(path.at(-1).der);
  });
  await check("receipt", "record_missing", ["signature"], () => {
    receipt = readReceipt(evidence.receipt);
    const { volume, position, value } = ticket, place = [bigEndian(volume, 4), bigEndian(position, 4)];
    const tag = H(Buffer.from("eseal tag 2\0"), handle, ...place, value);
    const commitment = H(ONE, H(seal.statement), H(ecdsa ? normalised(seal.signature) : seal.signature));
    let { index } = receipt, last = receipt.size - 1n, reached = H(ZERO, bigEndian(index, 8), commitment, tag);
    for (const beside of receipt.path) { // RFC 9162 section 2.1.3.2
      demand(last > 0n, "there are too many hashes");
      const right = index & 1n || index === last;
      reached = join(reached, beside, right);
      while (right && !(index & 1n) && index) [index, last] = [index >> 1n, last >> 1n];
      [index, last] = [index >> 1n, last >> 1n];
    }
    demand(receipt.index < receipt.size && last === 0n && reached.equals(receipt.root), "the proof leads elsewhere");
  });
  await check("registration", "transplanted", ["signature"], async () => {
    ledger = await open(node, trust, final);
    const { chain_id: chain, number: height, hash, registry } = use.not_before;
    start = await ledger.block(height);
    const same = `${[chain, registry, hash]}` === `${[trust.chain_id, trust.seal_registry.toLowerCase(), start?.hash]}`;
    const [by, subject, , , registered, depth] = await ledger.call(REGISTRY, "3038bfa5", 7, handle);
    demand(same && ledger.final.number >= height, "another ledger, or a node that is behind", "ledger_unreachable");
    demand(number(registered), "the registry does not know the seal", "unregistered_seal");
    demand(H(by, H(seal.certificate.der)).equals(handle), "the seal is not the one that signed");
    [issuer, sealOf] = [by, { subject, registered: number(registered), depth: Number(number(depth)) }];
  });
  await check("subject", "name_unproven", ["registration"], async () => {
    const { signature, ...proof } = read(seal.subjectProof, "subject", 2048);
    const prefix = proof.id.slice(0, 5), { name, id } = seal.certificate;
    const trusted = trust.authorities.find((each) => each.vrf_key === proof.key && each.schemes.includes(prefix));
    demand(trusted, "no authority that you trust for such ids");
    const subject = hex(proof.subject), output = verifyVrf(hex(proof.key), Buffer.from(proof.id), hex(proof.proof));
    demand(output && H(hex(proof.key), output.subarray(0, 32)).equals(subject), "the id has another subject");
    const message = Buffer.from("eseal subject 1\0" + canonical(proof));
    demand(ed25519(hex(trusted.attest_key), message, hex(signature)), "the authority does not vouch for the name");
    demand(isLine(name, 200) && name === proof.name && id === proof.id, `the certificate is of ${name}, ${id}`);
    demand(Date.parse(proof.valid_from) <= Date.parse(use.sealed_at) + 300_000, "the name is vouched for later only");
    demand(sealOf.subject.equals(subject), "the seal is another company's");
    const [key, founders, , registered] = await ledger.call(REGISTRY, "8b6e1c8b", 4, subject);
    demand(number(registered) && key.equals(hex(proof.key)), "the company was not registered by that key");
    const [authority, attest, ...period] = await ledger.call(REGISTRY, "7fa2f5c3", 4, key);
    const [named] = await ledger.call(REGISTRY, "8e474801", 1, H(Buffer.from(prefix)));
    demand(attest.equals(hex(trusted.attest_key)) && authority.equals(named), "the key is another authority's");
    demand(holds(period, number(registered)), "the key was not in force");
    notes.push(`${name} (${id}), by authority key ${proof.key}`);
    if (!proof.founders || !number(founders)) notes.push("founders: vouched for by the operator only");
  });
  await check("book", "ticket_unknown", ["registration"], async () => {
    const [root, opened] = await ledger.call(REGISTRY, "40b3cb14", 2, handle, ticket.volume);
    demand(number(root), "there is no such volume (yet)", "ticket_unknown", false);
    let reached = H(ZERO, ticket.value);
    for (let i = 0; i < seal.path.length / 32; i++)
      reached = join(reached, seal.path.subarray(32 * i, 32 * i + 32), (ticket.position >>> i) & 1);
    const fits = seal.path.length === 32 * sealOf.depth && ticket.position < 2 ** sealOf.depth;
    demand(fits && reached.equals(root), "the ticket is not in its volume");
    demand(number(opened) <= BigInt(use.not_before.number), "the volume was opened later");
  });
  await check("log", "record_missing", ["registration", "receipt"], async () => {
    logId = H(issuer, Buffer.from(receipt.origin));
    demand((await ledger.call(LEDGER, "24547438", 1, issuer))[0].equals(logId), "not the log of the seal's issuer");
  });
  await check("checkpoint", "record_missing", ["log"], async () => {
    const words = await ledger.call(LEDGER, "089b7a68", 2, logId), sizes = array(words, 0).map(number);
    keys = array(words, 1).filter((_, i) => i + 1 === sizes.length || receipt.size <= sizes[i + 1]);
    const { origin, signed, signatures } = receipt;
    const signs = (key) => {
      const id = H(Buffer.from(origin), Buffer.of(10, 1), key).subarray(0, 4);
      const own = signatures.filter(({ name, value }) => name === origin && value.subarray(0, 4).equals(id));
      return own.length > 0 && own.every(({ value }) => ed25519(key, signed, value.subarray(4)));
    };
    demand(keys.some(signs), "the head is not signed with a key that the log has for its size");
  });
  await check("anchor", "record_mismatch", ["checkpoint"], async () => {
    const { size, root } = receipt, roots = [];
    const [held] = await ledger.call(LEDGER, "930b6ace", 1, logId, size);
    const bases = array(await ledger.call(LEDGER, "2c168f98", 1, logId), 0).map(number);
    for (const epoch of bases.keys()) roots.push((await ledger.call(LEDGER, "e11f31cf", 1, logId, epoch, size))[0]);
    const disowned = roots.some((each) => each.equals(root)) || (number(held) && bases.length > 1);
    demand(held.equals(root) || !disowned, "the head was disowned", "head_disowned");
    demand(number(held), "the head is not on the ledger yet", "anchor_pending");
    demand(held.equals(root), "the log signed another head than the ledger holds");
    const epoch = bases.findLastIndex((_, i) => number(roots[i]) && bases.slice(i + 1).every((base) => size <= base));
    const told = evidence.anchor?.block, where = (...range) => ledger.advanced(logId, epoch, size, ...range);
    const stands = told && (await ledger.block(told.number))?.hash === told.hash;
    const at = (stands && (await where(told.number, told.number))) || (await where(trust.block, ledger.final.number));
    demand(at, "the node shows no event of the head", "ledger_unreachable");
    anchor = { ...at, epoch, stands };
  });
  await check("evidence", "record_missing", ["registration", "receipt"], () => {
    const same = (member, one, other) => demand(canonical(one) === canonical(other), `its member ${member} is wrong`);
    same("issuer", evidence.issuer, issuer.toString("hex"));
    same("statement", evidence.statement, use);
    same("log.origin", evidence.log.origin, receipt.origin);
    same("log.public_key", keys?.some((each) => each.toString("base64") === evidence.log.public_key) ?? true, true);
    const path = [seal.certificate, ...evidence.chain.map(load)], once = new Set(evidence.chain).size === path.length - 1;
    demand(path[1] && once && path.slice(1).every((each, i) => path[i].isIssuedBy(each)), "its member chain is wrong");
    if (evidence.anchor === null) return;
    const { block, transaction, epoch, chain_id: chain, contract, ...head } = evidence.anchor, { size, root } = receipt;
    same("anchor", head, { log_id: logId.toString("hex"), size: Number(size), root: root.toString("hex") });
    same("anchor.contract", [chain, contract], [trust.chain_id, trust.usage_ledger]);
    const held = anchor?.stands && { number: Number(anchor.number), hash: anchor.hash, timestamp: Number(anchor.time) };
    if (held) same("anchor", [block, transaction, epoch], [held, anchor.transaction, anchor.epoch]);
  });
  await check("time", "backdated", ["anchor"], async () => {
    const { number: height } = use.not_before, claimed = BigInt(Date.parse(use.sealed_at)) / 1000n;
    demand(BigInt(height) <= anchor.number, "it names a block after the one it was recorded by");
    demand(claimed >= start.time - CLOCKS && claimed <= anchor.time + CLOCKS, "sealed_at is not between the blocks");
    notes.push(`used between block ${height} and block ${anchor.number}`);
  });
  await check("root", "untrusted_issuer", ["chain", "time"], async () => {
    const period = await ledger.call(REGISTRY, "51698c2f", 2, issuer, top);
    demand([sealOf.registered, start.time, anchor.time].every((time) => holds(period, time)), "not the issuer's then");
  });
  await check("status", "seal_not_active", ["time"], async () => {
    const at = async (time) => (await ledger.call(REGISTRY, "ee5789a7", 4, handle, time)).map(number);
    const [before] = await at(start.time), [after, , since] = await at(anchor.time);
    const never = [3n, 5n, 6n].includes(before) || [0n, 4n].includes(after);
    const kept = before === after && since <= start.time;
    demand(never || kept, `its status changed from ${before} to ${after}`, "status_uncertain");
    demand(!never && after === 1n, `its status was ${before}, then ${after}`);
  });

  const signed = checks.signature === "VALID" || found.some(({ word }) => word === "signature_invalid");
  const counts = ({ word, red }) => (word === "record_missing" ? checks.registration === "VALID" : signed || !red);
  const rank = ({ word, red }) => (red ? 0 : 100) + [...RED, ...AMBER].indexOf(word);
  const [worst] = found.filter(counts).sort((one, other) => rank(one) - rank(other));
  const done = ([name, status]) => status === "VALID" || name === "document" || name === "unique";
  const green = !worst && Object.entries(checks).every(done);
  const indication = green ? "TOTAL_PASSED" : worst?.red ? "TOTAL_FAILED" : "INDETERMINATE";
  return { indication, finding: green ? "authentic" : worst?.word ?? "not_understood", checks, notes };
}

const given = Object.fromEntries(process.argv.slice(2).map((each) => each.split(/^--(\w+)=/).slice(1)));
const file = (name) => given[name] && readFileSync(given[name]);
if (!(given.evidence && given.trust && given.node)) process.exit(console.error("needs --evidence --trust --node") ?? 2);
const verdict = await verify({
  evidenceBytes: file("evidence"), document: file("document"), digest: given.digest && hex(given.digest),
  trust: JSON.parse(file("trust")), node: given.node, final: given.final ?? "finalized",
});
console.log(JSON.stringify(verdict, null, 2));
process.exitCode = { TOTAL_PASSED: 0, TOTAL_FAILED: 1 }[verdict.indication] ?? 2;
