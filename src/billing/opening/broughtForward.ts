import type { Claim, Extension } from '@medplum/fhirtypes';
import { centsOf, toMoney, type Cents } from '../../datatypes/cents.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';

/** What a payer had decided of a claim before, as the former system says. */
export interface FormerAnswer {
  readonly paid: Cents;
  readonly adjusted: Cents; // all that was neither paid nor is expected: contractual, the patient's share, denied
  readonly date?: string | undefined;
  readonly number?: string | undefined; // the payer's control number
}

/** What is kept on a Claim, Invoice or receipt of the former system. */
export interface Mark {
  readonly record: string; // Basic/1, the opening it came with
  readonly reference: string; // its number in the former system
  readonly content: string; // a hash of what was loaded: the same again changes nothing
  readonly open?: Cents;
  readonly serviceDate?: string | undefined;
}

type Extended = Parameters<typeof extensionOf>[0];

/** The extension that says so. */
export const markOf = ({ record, reference, content, open, serviceDate }: Mark): Extension => ({
  url: extension.broughtForward,
  extension: [
    { url: 'record', valueReference: { reference: record } },
    { url: 'reference', valueString: reference },
    { url: 'content', valueString: content },
    ...(open === undefined ? [] : [{ url: 'open', valueMoney: toMoney(open) }]),
    ...(serviceDate === undefined ? [] : [{ url: 'serviceDate', valueDate: serviceDate }]),
  ],
});

/** What the payer had decided before, an extension each. */
export const formerAnswers = (answers: readonly FormerAnswer[]): Extension[] => answers.map(answerExtension);

const answerExtension = ({ paid, adjusted, date, number }: FormerAnswer): Extension => ({
  url: extension.formerAnswer,
  extension: [
    { url: 'paid', valueMoney: toMoney(paid) },
    { url: 'adjusted', valueMoney: toMoney(adjusted) },
    ...(date === undefined ? [] : [{ url: 'date', valueDate: date }]),
    ...(number === undefined ? [] : [{ url: 'number', valueString: number }]),
  ],
});

/** Whether a resource came from a former system. */
export const isBroughtForward = (resource: Extended): boolean =>
  extensionOf(resource, extension.broughtForward) !== undefined;

/** The hash of what was loaded. */
export const contentOf = (resource: Extended): string | undefined =>
  extensionOf(extensionOf(resource, extension.broughtForward), 'content')?.valueString;

/** What of a claim the former system still expected of its payer; undefined where the claim is our own. */
export const openOf = (claim: Claim): Cents | undefined =>
  centsOf(extensionOf(extensionOf(claim, extension.broughtForward), 'open')?.valueMoney);

/** What the payer had paid in each of its answers, where the former system said it. */
export const formerlyPaid = (claim: Claim): Cents[] =>
  extensionsOf(claim, extension.formerAnswer).flatMap(
    (answer) => centsOf(extensionOf(answer, 'paid')?.valueMoney) ?? [],
  );
