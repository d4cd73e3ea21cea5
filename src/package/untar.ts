/** A file of a tar archive. */
export interface TarFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const block = 512;
const utf8 = new TextDecoder();

/**
 * The plain files of a tar archive (ustar, with the long names of pax and GNU); throws on what is none.
 * See https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export function* untar(archive: Uint8Array): Generator<TarFile> {
  let longName: string | undefined;
  for (let at = 0; at + block <= archive.length;) {
    const head = archive.subarray(at, at + block);
    if (head.every((byte) => byte === 0)) return;
    if (checksum(head) !== octal(head, 148, 8))
      throw new Error('the archive is damaged: a header has a wrong sum');
    const size = octal(head, 124, 12);
    const bytes = archive.subarray(at + block, at + block + size);
    if (bytes.length < size) throw new Error('the archive ends before its last file');
    at += block + Math.ceil(size / block) * block;
    const kind = String.fromCharCode(head[156] ?? 0);
    if (kind === 'L') longName = text(bytes);
    else if (kind === 'x') longName = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(utf8.decode(bytes))?.[1];
    else if (kind !== 'g') {
      const prefix = text(head.subarray(345, 500));
      const name = text(head.subarray(0, 100));
      if (kind === '0' || kind === '\0')
        yield { name: longName ?? (prefix === '' ? name : `${prefix}/${name}`), bytes };
      longName = undefined;
    }
  }
}

/** Text up to the first zero. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function octal(head: Uint8Array, from: number, length: number): number {
  const digits = text(head.subarray(from, from + length)).trim();
  if (!/^[0-7]*$/.test(digits)) throw new Error('the archive is no tar archive');
  return digits === '' ? 0 : parseInt(digits, 8);
}

/** The sum of a header's bytes, its own eight counted as spaces. */
const checksum = (head: Uint8Array): number =>
  head.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
