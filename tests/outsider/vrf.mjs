// ECVRF-EDWARDS25519-SHA512-TAI, verification only (RFC 9381 section 5.3).
import { createHash } from "node:crypto";
import { BASE, decode, encode, isGood, isIdentity, little, minus, ORDER, times } from "./curve.mjs";

const sha512 = (...parts) => createHash("sha512").update(Buffer.concat(parts)).digest();

function encodeToCurve(salt, alpha) { // try and increment, RFC 9381 section 5.4.1.1
  for (let counter = 0; counter < 256; counter++) {
    const point = decode(sha512(Buffer.of(3, 1), salt, alpha, Buffer.of(counter, 0)).subarray(0, 32));
    if (point && !isIdentity(times(8n, point))) return times(8n, point);
  }
}
/** The 64 bytes of output, or null if the proof (80 bytes) is not the key's for alpha. */
export function verify(key, alpha, proof) {
  const [h, keyPoint, gamma] = [encodeToCurve(key, alpha), decode(key), decode(proof.subarray(0, 32))];
  const c = little(proof.subarray(32, 48)), s = little(proof.subarray(48));
  if (!h || !isGood(keyPoint) || !isGood(gamma) || s >= ORDER) return null;
  const u = minus(times(s, BASE), times(c, keyPoint)), v = minus(times(s, h), times(c, gamma));
  const challenge = sha512(Buffer.of(3, 2), key, ...[h, gamma, u, v].map(encode), Buffer.of(0)).subarray(0, 16);
  const output = sha512(Buffer.of(3, 3), encode(times(8n, gamma)), Buffer.of(0));
  return challenge.equals(proof.subarray(32, 48)) ? output : null;
}
