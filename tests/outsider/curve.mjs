// The group of Ed25519 (RFC 8032 section 5.1): what others would take from a package. Only public values come in,
// so BigInt arithmetic, which takes its time by the numbers, will do.
const P = 2n ** 255n - 19n;
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (n) => ((n % P) + P) % P;
export const little = (bytes) => BigInt("0x" + Buffer.from(bytes).reverse().toString("hex"));
const power = (n, e) => (e ? mod(power(mod(n * n), e >> 1n) * (e & 1n ? n : 1n)) : 1n);
const inverse = (n) => power(mod(n), P - 2n);
const D = mod(-121665n * inverse(121666n)), ROOT_OF_MINUS_1 = power(2n, (P - 1n) / 4n);

// Points are [X, Y, Z, T] with T = XY/Z (RFC 8032 section 5.1.4).
export function decode(bytes) { // section 5.1.3, strictly
  const y = little(bytes) & (2n ** 255n - 1n), sign = little(bytes) >> 255n;
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * ROOT_OF_MINUS_1);
  if (y >= P || mod(x * x) !== square || (x === 0n && sign)) return null;
  return [(x & 1n) === sign ? x : P - x, y, 1n, mod(((x & 1n) === sign ? x : P - x) * y)];
}
export function encode([x, y, z]) {
  const number = mod(y * inverse(z)) | ((mod(x * inverse(z)) & 1n) << 255n);
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();
}
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = (y1 - x1) * (y2 - x2), b = (y1 + x1) * (y2 + x2), c = 2n * D * t1 * t2, d = 2n * z1 * z2;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a].map(mod);
  return [e * f, g * h, f * g, e * h].map(mod);
}
export function times(scalar, point) {
  if (!scalar) return [0n, 1n, 1n, 0n];
  const half = times(scalar >> 1n, add(point, point));
  return scalar & 1n ? add(half, point) : half;
}
export const minus = (one, [x, y, z, t]) => add(one, [mod(-x), y, z, mod(-t)]);
export const isIdentity = ([x, y, z]) => x === 0n && y === z;
export const isGood = (point) => point && !isIdentity(point) && isIdentity(times(ORDER, point));
export const BASE = decode(Buffer.from("58" + "66".repeat(31), "hex"));
