import { extract } from 'tar-stream';

/** A file of a tar archive. */
export interface TarFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The plain files of a tar archive (ustar, with the long names of pax and GNU); throws on what is none. */
export async function* untar(archive: Uint8Array): AsyncGenerator<TarFile> {
  const reading = extract();
  reading.end(archive);
  try {
    for await (const entry of reading) {
      const parts: Uint8Array[] = [];
      for await (const part of entry) parts.push(part as Uint8Array);
      if (entry.header.type === 'file') yield { name: entry.header.name, bytes: Buffer.concat(parts) };
    }
  } catch (cause) {
    const isShort = cause instanceof Error && /unexpected end/i.test(cause.message);
    const why = isShort
      ? 'the archive ends before its last file'
      : 'the archive is damaged, or no tar archive';
    throw new Error(why, { cause });
  }
}
