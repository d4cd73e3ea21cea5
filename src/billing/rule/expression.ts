import { FhirPathAtom, initFhirPathParserBuilder, Tokenizer } from '@medplum/core';
import { boundedCalls } from '../../datatypes/boundedText.ts';

const keywords = ['true', 'false'];
const operators = ['!=', '!~', '<=', '>=', '{}', '->'];
const builder = initFhirPathParserBuilder().registerInfix('(', boundedCalls());

/**
 * Reads an expression of a rule. What it searches in a text, or replaces in one, is bounded: a thread that is at such a
 * thing cannot be stopped. Throws where it is no FHIRPath, or something stands after its end.
 */
export function readExpression(text: string): FhirPathAtom {
  const parser = builder.construct(new Tokenizer(text, keywords, operators).tokenize());
  const atom = parser.consumeAndParse();
  if (parser.hasMore()) throw new Error('there is more after the end of the expression');
  return new FhirPathAtom(text, atom);
}
