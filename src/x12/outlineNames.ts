import type { OutlinedElement, OutlineLine } from './outline.ts';

/** What the reader of an outline calls a code besides the labels known here: of a reason or a remark. */
export type CodeName = (code: string) => string | undefined;

/** The lines with the names of the reason and remark codes in them. */
export const withCodeNames = (lines: readonly OutlineLine[], nameOf: CodeName): OutlineLine[] =>
  lines.map((line) => ({
    ...line,
    elements: line.elements.map((element) => {
      const name = namesReason(line, element) ? nameOf(element.value) : undefined;
      return name === undefined || element.meaning !== '' ? element : { ...element, meaning: name };
    }),
  }));

/** The reason and remark codes that lines hold. */
export const reasonCodesIn = (lines: readonly OutlineLine[]): Set<string> =>
  new Set(
    lines.flatMap((line) => line.elements.flatMap((one) => (namesReason(line, one) ? [one.value] : []))),
  );

/** Whether an element is a reason code (CAS) or a remark code (LQ with HE, MIA, MOA). */
function namesReason({ id, elements }: OutlineLine, { place }: OutlinedElement): boolean {
  if (id === 'CAS') return /^CAS(02|05|08|11|14|17)$/.test(place);
  if (id === 'LQ') return place === 'LQ02' && elements.some((e) => e.place === 'LQ01' && e.value === 'HE');
  return /^(MOA0[3-7]|MIA(05|2[0-3]))$/.test(place);
}
