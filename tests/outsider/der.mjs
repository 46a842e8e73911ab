// DER (X.690), and certificates (RFC 5280) as far as a seal needs them. OIDs are compared as encoded.
import { X509Certificate } from "node:crypto";

const UNDERSTOOD = /^551d(0f|11|13|1f|20|25)$/;
const SOUND = /^(2a8648ce3d04030[234]|2a864886f70d01010[bcd]|2b6570)$/; // over SHA-256 or better, Ed25519

function element(bytes, at) {
  const octets = bytes[at + 1] - 128, start = at + 2 + Math.max(octets, 0);
  const length = octets < 0 ? bytes[at + 1] : octets > 0 && octets < 4 ? bytes.readUIntBE(at + 2, octets) : 0;
  const minimal = octets < 0 || length >= Math.max(128, 256 ** (octets - 1)), end = start + length;
  if (!minimal || !(end <= bytes.length)) throw new Error("it is no DER");
  return { tag: bytes[at], raw: bytes.subarray(at, end), value: bytes.subarray(start, end), end };
}
/** The one element that these bytes are. */
export function whole(bytes, tag) {
  const found = element(bytes, 0);
  if (found.end !== bytes.length || found.tag !== tag) throw new Error("it is another element of DER");
  return found;
}
export function parts({ value }) {
  const found = [];
  for (let at = 0; at < value.length; at = found.at(-1).end) found.push(element(value, at));
  return found;
}
export const oid = ({ tag, value }) => (tag === 6 ? value.toString("hex") : "");
/** An INTEGER that is not negative. */
export function integer({ tag, value }) {
  const minimal = value[0] < 128 && (value[0] !== 0 || value.length === 1 || value[1] > 127);
  if (tag !== 2 || !minimal) throw new Error("it is another integer");
  return BigInt("0x" + value.toString("hex"));
}
export class Certificate {
  constructor(der) {
    const [tbs, algorithm] = parts(whole(der, 0x30)), x509 = new X509Certificate(der);
    const fields = parts(tbs).filter(({ tag }) => tag !== 0xa0); // the version is optional
    const [serial, , issuer, , subject] = fields.map(({ raw }) => raw);
    const sound = SOUND.test(oid(parts(algorithm)[0])), names = parts(fields[4]).flatMap(parts).map(parts);
    const only = (kind) => names.filter(([type]) => oid(type) === kind).map(([, text]) => text.value).join("\0");
    const [name, id] = ["55040a", "550461"].map(only); // what is there twice equals nothing
    Object.assign(this, { der, x509, name, id, serial, issuer, subject, sound, key: x509.publicKey });
    const list = fields.filter(({ tag }) => tag === 0xa3).flatMap((each) => parts(parts(each)[0])).map(parts);
    this.extensions = new Map(list.map((each) => [oid(each[0]), parts(each.at(-1))[0]]));
    this.critical = list.filter((each) => each.length === 3).map((each) => oid(each[0]));
  }
  isIssuedBy = (above) => this.issuer.equals(above.subject) && this.x509.verify(above.key);
  /** Whether its key may be used in one of these ways: bits of KeyUsage (section 4.2.1.3). */
  may = (...bits) => bits.some((bit) => (this.extensions.get("551d0f")?.value[1] ?? 255) & (128 >> bit));
  /** Whether it is good at a moment, by itself. */
  isGood(moment) {
    const inTime = Date.parse(this.x509.validFrom) <= moment && moment <= Date.parse(this.x509.validTo);
    return inTime && this.critical.every((kind) => UNDERSTOOD.test(kind));
  }
  /** Whether it may have issued another at a moment, with so many CAs between that and the seal. */
  mayIssue(below, between, moment) {
    const [, most] = this.x509.ca ? parts(this.extensions.get("551d13")) : [];
    const able = this.x509.ca && this.may(5) && !(most && integer(most) < between);
    const strong = below.sound && !(this.key.asymmetricKeyDetails?.modulusLength < 2048);
    return able && strong && below.isIssuedBy(this) && this.isGood(moment);
  }
}
