import type { Binary, Claim, OperationOutcome, Parameters } from '@medplum/fhirtypes';
import { supportOf, type FormInput } from '../billing/form/claimFacts.ts';
import { cms1500 } from '../billing/form/cms1500.ts';
import type { PaperForm } from '../billing/form/sheet.ts';
import { ub04 } from '../billing/form/ub04.ts';
import { codeOf } from '../datatypes/coding.ts';
import { dateOf } from '../datatypes/date.ts';
import { readResource } from '../interaction/repository.ts';
import { badRequest, fhirError } from '../outcome/fhirError.ts';
import { decided, toOutcome, warning } from '../outcome/issue.ts';
import { system } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import { coverSheet } from './form/coverSheet.ts';
import { draw, type Printing } from './form/draw.ts';
import { cms1500Layout } from './form/layout/cms1500.ts';
import type { Layout } from './form/layout/layout.ts';
import { ub04Layout } from './form/layout/ub04.ts';
import { readForm } from './form/readForm.ts';
import type { Operation } from './operation.ts';
import { parameter } from './parameters.ts';

interface Paper {
  readonly layout: Layout;
  readonly fill: (input: FormInput) => PaperForm;
}

const papers: Readonly<Record<string, Paper>> = {
  professional: { layout: cms1500Layout, fill: cms1500 },
  institutional: { layout: ub04Layout, fill: ub04 },
};

/**
 * GET [base]/Claim/[id]/$form: the claim on paper, as PDF: CMS-1500 of a professional claim, UB-04 of an institutional
 * one. Reads as its caller: what they do not see is not printed.
 */
export const claimForm: Operation = {
  definition: operationDefinition('Claim-form'),
  asCaller: true,
  async run({ tx, target, input }): Promise<Binary | OperationOutcome> {
    const claim = await readResource<Claim>(tx, 'Claim', target.id ?? '');
    const paper = paperOf(claim);
    const part = choice(input, 'part', ['form', 'cover-sheet', 'outcome']);
    const style = choice(input, 'style', ['facsimile', 'overlay']);
    const offset = offsetOf(input, style);
    const read = await readForm(tx, claim);
    const printing: Printing = {
      style,
      offset,
      title: titleOf(paper, claim, part),
      on: dateOf(claim.created),
    };
    if (part === 'cover-sheet') {
      if (supportOf(claim, 'attachment').length === 0)
        throw fhirError(
          422,
          'business-rule',
          'no-attachment',
          'the claim announces no document',
          'Claim.supportingInfo',
        );
      return pdf(await coverSheet(read, printing));
    }
    const form = paper.fill(read);
    return part === 'outcome' ? outcomeOf(paper, form) : pdf(await draw(paper.layout, form, printing));
  },
};

const pdf = (bytes: Buffer): Binary => ({
  resourceType: 'Binary',
  contentType: 'application/pdf',
  data: bytes.toString('base64'),
});

/** No names: a title is seen in lists of files. */
const titleOf = ({ layout }: Paper, { id = '' }: Claim, part: string): string =>
  `${part === 'cover-sheet' ? 'Cover sheet' : layout.title} of Claim/${id}`;

/** What does not stand on the form as it stands on the claim. */
const outcomeOf = ({ layout }: Paper, { pages, notes }: PaperForm): OperationOutcome =>
  toOutcome([
    ...notes.map(({ expression, text }) => warning('form-cut', expression, text)),
    decided('form-filled', 'Claim', `the ${layout.title} takes ${pages.length} pages`),
  ]);

function paperOf(claim: Claim): Paper {
  const type = codeOf(claim.type, system.claimType) ?? '';
  const paper = papers[type];
  if (paper) return paper;
  const why: Readonly<Record<string, string>> = {
    oral: 'the form of dental claims is licensed by the ADA and is not made here: send the claim as 837D',
    pharmacy: 'a pharmacy claim has no paper form here',
  };
  throw fhirError(
    422,
    'not-supported',
    'form-not-made',
    why[type] ?? 'only professional and institutional claims have a form',
    'Claim.type',
  );
}

function choice<T extends string>(input: Parameters, name: string, allowed: readonly [T, ...T[]]): T {
  const given = parameter(input, name)?.valueCode;
  if (given === undefined) return allowed[0];
  const found = allowed.find((value) => value === given);
  if (found === undefined)
    throw badRequest('malformed-value', `${name} is one of ${allowed.join(', ')}`, place(name));
  return found;
}

const place = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** How far an overlay is moved: millimetres to the right and down, `1.5,-2`. */
function offsetOf(input: Parameters, style: Printing['style']): Printing['offset'] {
  const given = parameter(input, 'offset')?.valueString;
  if (given === undefined) return { x: 0, y: 0 };
  if (style !== 'overlay')
    throw badRequest(
      'unexpected-parameter',
      'only an overlay has an offset: ask for style=overlay',
      place('offset'),
    );
  const [, x = '', y = ''] = /^(-?\d{1,2}(?:\.\d{1,2})?),(-?\d{1,2}(?:\.\d{1,2})?)$/.exec(given) ?? [];
  if (x === '')
    throw badRequest(
      'malformed-value',
      'offset is two numbers of millimetres, right and down: 1.5,-2',
      place('offset'),
    );
  return { x: Number(x), y: Number(y) };
}
