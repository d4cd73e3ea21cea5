/** A line of a text that streams in; without bytes when it is longer than is taken. */
export interface Line {
  readonly no: number; // from 1, empty lines counted
  readonly bytes: Uint8Array | undefined;
}

const longest = 50 * 1024 * 1024; // bytes, as a body may have

/** The lines of a text, those that hold anything, as the chunks bring them. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  let begun: Uint8Array[] = []; // of the line that no chunk has ended yet
  let length = 0;
  let no = 0;
  const ended = (last: Uint8Array): Line | undefined => {
    no += 1;
    length += last.length;
    const bytes = length > longest ? undefined : begun.length === 0 ? last : Buffer.concat([...begun, last]);
    begun = [];
    length = 0;
    return bytes && isBlank(bytes) ? undefined : { no, bytes };
  };
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let from = 0;
    for (let to = chunk.indexOf(0x0a); to >= 0; to = chunk.indexOf(0x0a, from)) {
      const line = ended(chunk.subarray(from, to));
      if (line) lines.push(line);
      from = to + 1;
    }
    const rest = chunk.subarray(from);
    length += rest.length;
    if (length > longest) begun = [];
    else if (rest.length > 0) begun.push(rest);
    if (lines.length > 0) yield lines;
  }
  const line = length > 0 ? ended(new Uint8Array()) : undefined;
  if (line) yield [line];
}

/** Whether a line has nothing but white space. */
const isBlank = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
