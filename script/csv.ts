export type Row = Readonly<Record<string, string | undefined>>;

/** Reads comma-separated values with a head line; fields may be quoted, with "" for a quote. */
export function parseCsv(text: string): Row[] {
  const lines: string[][] = [[]];
  for (const [, field = '', end = ''] of text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)) {
    const quoted = field.startsWith('"');
    lines.at(-1)?.push(quoted ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end !== ',') lines.push([]);
  }
  const [head = [], ...body] = lines.filter((line) => line.some((field) => field !== ''));
  return body.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i] ?? ''])));
}
