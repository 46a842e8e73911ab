// DER (X.690), and certificates (RFC 5280) as far as a seal needs them.
import { X509Certificate } from "node:crypto";

const UNDERSTOOD = [15, 17, 19, 31, 32, 37].map((last) => `2.5.29.${last}`);
const SOUND = /^(1\.2\.840\.10045\.4\.3\.[234]|1\.2\.840\.113549\.1\.1\.1[123]|1\.3\.101\.112)$/;

function element(bytes, at) {
  let [length, start] = [bytes[at + 1], at + 2];
  if (length >= 128) {
    const octets = length - 128;
    length = octets >= 1 && octets <= 3 ? bytes.readUIntBE(start, octets) : 0;
    if (length < 128 || length < 256 ** (octets - 1)) throw new Error("DER: a length not in order");
    start += octets;
  }
  const end = start + length;
  if (!(end <= bytes.length)) throw new Error("DER: cut off");
  return { tag: bytes[at], raw: bytes.subarray(at, end), value: bytes.subarray(start, end), end };
}
/** The one element that these bytes are. */
export function whole(bytes, tag) {
  const found = element(bytes, 0);
  if (found.end !== bytes.length || found.tag !== tag) throw new Error("DER: another element");
  return found;
}
export function parts({ value }) {
  const found = [];
  for (let at = 0; at < value.length; at = found.at(-1).end) found.push(element(value, at));
  return found;
}
export function oid({ value }) {
  const arcs = [0n];
  for (const byte of value) {
    arcs.push((arcs.pop() << 7n) | BigInt(byte & 127));
    if (byte < 128) arcs.push(0n);
  }
  const first = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [first, arcs[0] - 40n * first, ...arcs.slice(1, -1)].join(".");
}
/** An INTEGER that is not negative. */
export function integer({ tag, value }) {
  const padded = value[0] === 0 && value.length > 1 && value[1] < 128;
  if (tag !== 2 || !(value[0] < 128) || padded) throw new Error("DER: another integer");
  return BigInt("0x" + value.toString("hex"));
}

export class Certificate {
  constructor(der) {
    const [tbs, algorithm] = parts(whole(der, 0x30));
    const fields = parts(tbs).filter(({ tag }) => tag !== 0xa0);
    [this.serial, , this.issuer, , this.subject] = fields.map(({ raw }) => raw);
    this.x509 = new X509Certificate(der);
    [this.der, this.key, this.sound] = [der, this.x509.publicKey, SOUND.test(oid(parts(algorithm)[0]))];
    const { O: name, organizationIdentifier: id } = this.x509.toLegacyObject().subject;
    Object.assign(this, { name, id }); // a list where there are several
    const wrapped = fields.find(({ tag }) => tag === 0xa3);
    this.extensions = new Map((wrapped ? parts(parts(wrapped)[0]) : []).map(parts).map((each) =>
      [oid(each[0]), { critical: each.length === 3 && each[1].value[0] !== 0, value: each.at(-1).value }]));
  }
  /** Whether its key may be used in one of these ways: bits of KeyUsage (section 4.2.1.3). */
  may(...bits) {
    const usage = this.extensions.get("2.5.29.15");
    return !usage || bits.some((bit) => parts(usage)[0].value[1] & (128 >> bit));
  }
  /** What speaks against it at a moment, or null. */
  flaw(moment) {
    if (moment < Date.parse(this.x509.validFrom) || moment > Date.parse(this.x509.validTo))
      return "not valid at that time";
    const unread = ([kind, { critical }]) => critical && !UNDERSTOOD.includes(kind);
    return [...this.extensions].some(unread) ? "a critical extension is not understood" : null;
  }
  isIssuedBy(above) {
    return this.issuer.equals(above.subject) && this.x509.verify(above.key);
  }
  /** What speaks against it as issuer of another with so many CAs between that and the seal. */
  issuerFlaw(below, between, moment) {
    if (!below.isIssuedBy(this)) return "not the issuer";
    const weak = this.key.asymmetricKeyDetails?.modulusLength < 2048 || !below.sound;
    const [, most] = parts(parts(this.extensions.get("2.5.29.19") ?? { value: Buffer.alloc(0) })[0]);
    if (weak || !this.x509.ca || !this.may(5) || (most && integer(most) < between)) return "no good CA";
    return this.flaw(moment);
  }
}
