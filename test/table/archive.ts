import { crc32, deflateRawSync } from 'node:zlib';

/** A ZIP archive as CMS packs its tables: `descriptor` puts the sizes behind each file, as what streams out has them. */
export function zipOf(
  files: Readonly<Record<string, string>>,
  { descriptor = false, stored = false }: { descriptor?: boolean; stored?: boolean } = {},
): Buffer {
  const parts = Object.entries(files).flatMap(([name, text]) => {
    const bytes = Buffer.from(text);
    const packed = stored ? bytes : deflateRawSync(bytes);
    const [sum, sizes] = [Buffer.alloc(4), Buffer.alloc(8)];
    sum.writeUInt32LE(crc32(bytes));
    sizes.writeUInt32LE(packed.length);
    sizes.writeUInt32LE(bytes.length, 4);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(descriptor ? 8 : 0, 6);
    head.writeUInt16LE(stored ? 0 : 8, 8);
    if (!descriptor) Buffer.concat([sum, sizes]).copy(head, 14);
    head.writeUInt16LE(name.length, 26);
    const signature = Buffer.from('PK\x07\x08', 'latin1');
    return [head, Buffer.from(name), packed, ...(descriptor ? [signature, sum, sizes] : [])];
  });
  return Buffer.concat([...parts, Buffer.from('PK\x01\x02 the directory', 'latin1')]);
}

/** Bytes in pieces of a size, as they stream in. */
export async function* piecesOf(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
