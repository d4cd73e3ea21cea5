import { FhirError } from '../../outcome/fhirError.ts';
import { details } from '../../outcome/issue.ts';
import type { Limits } from '../limits.ts';

/** A list right below the root of a JSON text, and where each of its items ends. */
export interface RootList {
  readonly key: string;
  readonly start: number; // behind the opening bracket
  readonly ends: readonly number[]; // of each item: its comma or the closing bracket
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Lists that are split have no fewer items. */
const splitMin = 2;

/**
 * Scans JSON text before it is parsed, a part at a time, and counts its values and the items of its lists. Throws 413
 * where there are more than allowed, so that no memory is used for them. It does not check that the text is JSON.
 */
export class JsonScan {
  readonly #bytes: Uint8Array;
  readonly #limits: Limits;
  #at = 0;
  #quoted = false;
  #nodes = 1;
  #ofItem = 0;
  readonly #counts: number[] = []; // commas of each open list, -1 for an object
  #text = ''; // the last text at the root of the object
  #textStart = -1;
  #key = '';
  #type = '';
  #ends: number[] = [];
  #listStart = 0;
  /** The longest list right below the root. */
  list: RootList | undefined;

  constructor(bytes: Uint8Array, limits: Limits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  /** Scans the next bytes; false at the end. */
  step(length: number): boolean {
    const bytes = this.#bytes;
    const end = Math.min(bytes.length, this.#at + length);
    let i = this.#at;
    for (; i < end; i += 1) {
      const byte = bytes[i];
      if (this.#quoted) {
        if (byte === backslash) i += 1;
        else if (byte === quote) {
          this.#quoted = false;
          if (this.#counts.length === 1) this.#noteText(i);
        }
      } else if (byte === quote) {
        this.#quoted = true;
        if (this.#counts.length === 1) this.#textStart = i + 1;
      } else if (byte === comma) this.#comma(i);
      else if (byte === openBrace || byte === openBracket) this.#open(byte === openBracket, i);
      else if (byte === closeBrace || byte === closeBracket) this.#close(i);
      else if (byte === colon && this.#counts.length === 1) this.#key = this.#text;
    }
    this.#at = i;
    if (i < bytes.length) return true;
    this.#judgeRoot();
    return false;
  }

  #noteText(end: number): void {
    const isShort = end - this.#textStart <= 64;
    this.#text = isShort ? String.fromCharCode(...this.#bytes.subarray(this.#textStart, end)) : '';
    if (this.#key === 'resourceType') {
      this.#type = this.#text;
      this.#key = '';
    }
  }

  #comma(i: number): void {
    this.#count();
    const depth = this.#counts.length;
    const commas = this.#counts[depth - 1] ?? -1;
    if (commas < 0) {
      if (depth === 1) this.#key = '';
      return;
    }
    this.#counts[depth - 1] = commas + 1;
    if (depth === 1) this.#judge(commas + 2, this.#limits.patchOperations, 'operations of a patch');
    else if (depth === 2) {
      this.#ends.push(i);
      this.#ofItem = 0;
    } else this.#judge(commas + 2, this.#limits.listItems, 'items of a list');
  }

  #open(isList: boolean, i: number): void {
    this.#count();
    this.#counts.push(isList ? 0 : -1);
    if (isList && this.#counts.length === 2) {
      this.#ends = [];
      this.#listStart = i + 1;
      this.#ofItem = 0;
    }
  }

  #close(i: number): void {
    const commas = this.#counts.pop() ?? -1;
    if (commas < 0 || this.#counts.length !== 1 || this.#counts[0] !== -1) return;
    this.#ends.push(i);
    if (this.#ends.length >= splitMin && this.#ends.length > (this.list?.ends.length ?? 0))
      this.list = { key: this.#key, start: this.#listStart, ends: this.#ends };
    this.#ends = [];
  }

  /** One more value; those of one item of a list below the root are counted by themselves. */
  #count(): void {
    this.#nodes += 1;
    this.#ofItem += 1;
    this.#judge(this.#nodes, this.#limits.jsonNodes, 'values of a JSON body');
    this.#judge(this.#ofItem, this.#limits.resourceNodes, 'values of one resource');
    if (this.#ends.length > this.#longest)
      this.#judge(this.#ends.length + 1, this.#longest, 'items of a list');
  }

  /** What any list may have at most; which of the three it is is known at the end. */
  get #longest(): number {
    const { bundleEntries, parameters, listItems } = this.#limits;
    return Math.max(bundleEntries, parameters, listItems);
  }

  #judgeRoot(): void {
    const items = this.list?.ends.length ?? 0;
    const { bundleEntries, parameters, listItems } = this.#limits;
    if (this.#type === 'Bundle' && this.list?.key === 'entry')
      this.#judge(items, bundleEntries, 'entries of a Bundle');
    else if (this.#type === 'Parameters' && this.list?.key === 'parameter')
      this.#judge(items, parameters, 'parameters');
    else {
      this.#judge(items, listItems, 'items of a list');
      this.#judge(this.#nodes, this.#limits.resourceNodes, 'values of one resource');
    }
  }

  #judge(count: number, max: number, what: string): void {
    if (count > max) throw tooMany(max, what);
  }
}

/** What a body has too many of. */
export function tooMany(max: number, what: string): FhirError {
  const text = `the body has too many ${what}: at most ${max} are taken`;
  return new FhirError(413, [{ severity: 'error', code: 'too-long', details: details('too-large', text) }], {
    connection: 'close',
  });
}
