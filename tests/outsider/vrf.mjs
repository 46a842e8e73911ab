// ECVRF-EDWARDS25519-SHA512-TAI, verification only (RFC 9381 section 5.3). Nothing here is secret,
// so BigInt arithmetic, which takes its time by the numbers, will do.
import { createHash } from "node:crypto";

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const sha512 = (...parts) => createHash("sha512").update(Buffer.concat(parts)).digest();
const mod = (n) => ((n % P) + P) % P;
const little = (bytes) => BigInt("0x" + Buffer.from(bytes).reverse().toString("hex"));
const power = (n, e) => (e ? mod(power(mod(n * n), e >> 1n) * (e & 1n ? n : 1n)) : 1n);
const inverse = (n) => power(mod(n), P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT_OF_MINUS_1 = power(2n, (P - 1n) / 4n);
const IDENTITY = [0n, 1n, 1n, 0n]; // X, Y, Z, T = XY/Z (RFC 8032 section 5.1.4)

function decode(bytes) { // RFC 8032 section 5.1.3
  const [y, sign] = [little(bytes) & (2n ** 255n - 1n), little(bytes) >> 255n];
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * ROOT_OF_MINUS_1);
  if (y >= P || mod(x * x) !== square || (x === 0n && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}
function encode([x, y, z]) {
  const number = mod(y * inverse(z)) | ((mod(x * inverse(z)) & 1n) << 255n);
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();
}
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = (y1 - x1) * (y2 - x2), b = (y1 + x1) * (y2 + x2);
  const c = 2n * D * t1 * t2, d = 2n * z1 * z2;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a].map(mod);
  return [e * f, g * h, f * g, e * h].map(mod);
}
function times(scalar, point) {
  let result = IDENTITY;
  for (let doubled = point; scalar; scalar >>= 1n, doubled = add(doubled, doubled))
    if (scalar & 1n) result = add(result, doubled);
  return result;
}
const negative = ([x, y, z, t]) => [mod(-x), y, z, mod(-t)];
const isIdentity = ([x, y, z]) => x === 0n && y === z;
const isGood = (point) => point && !isIdentity(point) && isIdentity(times(ORDER, point));

function encodeToCurve(salt, alpha) { // try and increment, section 5.4.1.1
  for (let counter = 0; counter < 256; counter++) {
    const hash = sha512(Buffer.of(3, 1), salt, alpha, Buffer.of(counter, 0)).subarray(0, 32);
    const point = decode(hash) && times(8n, decode(hash));
    if (point && !isIdentity(point)) return point;
  }
  return null;
}
/** The 64 bytes of output, or null if the proof (80 bytes) is not the key's for alpha. */
export function verify(key, alpha, proof) {
  const [public_, gamma] = [decode(key), decode(proof.subarray(0, 32))];
  const [c, s] = [little(proof.subarray(32, 48)), little(proof.subarray(48))];
  const h = encodeToCurve(key, alpha);
  if (!isGood(public_) || !isGood(gamma) || s >= ORDER || !h) return null;
  const base = decode(Buffer.from("58" + "66".repeat(31), "hex"));
  const u = add(times(s, base), negative(times(c, public_)));
  const v = add(times(s, h), negative(times(c, gamma)));
  const hashed = sha512(Buffer.of(3, 2), key, ...[h, gamma, u, v].map(encode), Buffer.of(0));
  if (!hashed.subarray(0, 16).equals(proof.subarray(32, 48))) return null;
  return sha512(Buffer.of(3, 3), encode(times(8n, gamma)), Buffer.of(0));
}
