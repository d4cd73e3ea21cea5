/** The lines of comma-separated values, the head line first, without the mark that spreadsheets put before it. */
export const csvLines = (text: string): string[] => text.replace(/^\uFEFF/, '').split(/\r?\n/);

/** The fields of a line: trimmed, without their quotation marks. A field holds no comma. */
export const csvFields = (line: string): string[] =>
  line.split(',').map((field) =>
    field
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  );
