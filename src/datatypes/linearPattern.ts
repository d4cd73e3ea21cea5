import { setFlagsFromString } from 'node:v8';

/**
 * V8's other engine (flag l): its time grows with the text only. It knows neither look-around nor references back, and
 * refuses them when the pattern is made.
 */
setFlagsFromString('--enable-experimental-regexp-engine');

const made = new Map<string, RegExp>();
const madeMax = 500;

/** The engine takes no count above this; of one sign, a count up to `countMax` is written as several. */
const onceMax = 16;
const countMax = 1000;

/** A pattern whose time grows with the text only. Throws where it is none, or asks for more than that. */
export function linearPattern(pattern: string, flags = ''): RegExp {
  const key = `${flags}/${pattern}`;
  const known = made.get(key);
  if (known) return known;
  if (made.size >= madeMax) made.clear();
  new RegExp(pattern, flags); // what is no pattern at all is refused as it was written
  const one = new RegExp(inShortCounts(pattern), `${flags}l`);
  made.set(key, one);
  return one;
}

/** A sign as a pattern has it (a class, an escaped one, any other but those of groups and counts), and what counts it. */
const counted =
  /(\[(?:\\.|[^\]\\])*\]|\\x[\dA-Fa-f]{2}|\\u[\dA-Fa-f]{4}|\\c[A-Za-z]|\\\d+|\\.|[^\\[\](){}|*+?^$])(?:\{(\d+)(,?)(\d*)\}(\??))?/gs;

/** The same pattern with long counts of one sign in parts: [A-Z]{2,20} as [A-Z]{2,16}[A-Z]{0,4}. */
const inShortCounts = (pattern: string): string =>
  pattern.replace(
    counted,
    (whole: string, sign: string, least: string | undefined, comma: string, most: string, lazy: string) => {
      if (least === undefined) return whole;
      const from = Number(least);
      const to = comma === '' ? from : most === '' ? undefined : Number(most);
      if (Math.max(from, to ?? 0) <= onceMax || Math.max(from, to ?? 0) > countMax) return whole;
      const parts: string[] = [];
      let [needed, left] = [from, to ?? from];
      while (left > 0) {
        const here = Math.min(left, onceMax);
        const needs = Math.min(needed, here);
        parts.push(`${sign}{${needs},${here}}${lazy}`);
        needed -= needs;
        left -= here;
      }
      return `${parts.join('')}${to === undefined ? `${sign}*${lazy}` : ''}`;
    },
  );
