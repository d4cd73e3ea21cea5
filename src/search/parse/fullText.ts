import { badRequest } from '../../outcome/fhirError.ts';
import { wordsOf } from '../fullText.ts';
import type { FullText, Phrase } from '../query.ts';
import { unescaped } from '../split.ts';

const phrasesMax = 100;

/**
 * `_text` and `_content`: all words of an alternative; "several words" follow each other; `word*` goes on; a comma or
 * OR begins another alternative. See https://hl7.org/fhir/R4/search.html#content
 */
export function fullText(op: FullText['op'], value: string): FullText | undefined {
  if (value === '') return undefined;
  const alternatives = quoted(value, ',')
    .flatMap((part) => quoted(part, ' OR '))
    .map((part) => phrasesOf(unescaped(part)));
  if (alternatives.some((phrases) => phrases.length === 0))
    throw badRequest(
      'malformed-value',
      `_${op} takes words, "phrases" or beginnings*, none of them without a letter`,
    );
  if (alternatives.flat().length > phrasesMax)
    throw badRequest('too-costly', `_${op} takes at most ${phrasesMax} words and phrases`);
  return { op, alternatives };
}

/** The parts between separators that stand outside of quotes. */
function quoted(text: string, separator: ',' | ' OR '): string[] {
  const parts: string[] = [];
  let from = 0;
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') inside = !inside;
    else if (!inside && text.startsWith(separator, i)) {
      parts.push(text.slice(from, i));
      i += separator.length - 1;
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** A quote that is not closed goes to the end. */
function phrasesOf(text: string): Phrase[] {
  return [...text.matchAll(/"([^"]*)"?(\*)?|([^\s"]+)/g)].flatMap(([, phrase, star, bare = '']): Phrase[] => {
    const words = wordsOf(phrase ?? bare);
    if (words.length === 0) return [];
    return [
      { words, prefix: phrase === undefined ? /[\p{L}\p{N}\p{M}]\*$/u.test(bare) : star !== undefined },
    ];
  });
}
