/** The bytes of a text as authenticator apps are given keys. */
export function fromBase32(text: string): Buffer {
  const bits = Array.from(text).map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
