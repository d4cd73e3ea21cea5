import type { Resource } from '@medplum/fhirtypes';
import { folded } from './kind/string.ts';

/**
 * Full text as both stores index and compare it: words of letters and digits, without case and accents.
 * See https://hl7.org/fhir/R4/search.html#content
 */
const word = /[\p{L}\p{N}]+/gu;

/** The words of a text, in order. */
export const wordsOf = (text: string): string[] => folded(text).match(word) ?? [];

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** The text that XHTML shows: tags are replaced by blanks, entities by their characters. */
export const shown = (xhtml: string): string =>
  xhtml
    .replace(/<!--.*?-->/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(
      /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]+));/g,
      (_, decimal?: string, hex?: string, name = '') => {
        if (decimal === undefined && hex === undefined) return entities[name as string] ?? ' ';
        const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
        return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? ' ' : String.fromCodePoint(code);
      },
    );

/** The text of a resource's narrative, which _text searches. */
export function narrativeText(resource: Resource): string {
  const { text } = resource as { text?: { div?: unknown } };
  return typeof text?.div === 'string' ? shown(text.div) : '';
}

/** Every text and number of a resource, the narrative with them: what _content searches. Attached data is not read. */
export function contentText(resource: Resource): string {
  const texts: string[] = [];
  collect(resource, '', texts);
  return texts.join('\n');
}

/** Elements for machines, whose text is not searched. */
const unread = new Set(['resourceType', 'data', 'hash', 'contentType', 'versionId', 'lastUpdated']);

function collect(value: unknown, name: string, texts: string[]): void {
  if (typeof value === 'string') texts.push(name === 'div' ? shown(value) : value);
  else if (typeof value === 'number') texts.push(String(value));
  else if (Array.isArray(value)) for (const item of value as unknown[]) collect(item, name, texts);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) if (!unread.has(key)) collect(item, key, texts);
}
