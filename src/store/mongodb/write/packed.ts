import { deflateSync, inflateSync } from 'node:zlib';

/** JSON from here on is kept deflated: MongoDB takes at most 16 MB in a document. */
export const isLarge = (json: Uint8Array): boolean => json.length > 1024 * 1024;
const zlibMark = 0x78; // JSON of a resource begins with a brace

/** The text of a version as a document keeps it. */
export const packed = (json: Uint8Array): Uint8Array =>
  isLarge(json) ? deflateSync(json, { level: 3 }) : json;

export const unpacked = (kept: Uint8Array): Uint8Array => (kept[0] === zlibMark ? inflateSync(kept) : kept);
