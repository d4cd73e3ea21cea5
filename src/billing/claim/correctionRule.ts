import type { Extension } from '@medplum/fhirtypes';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';
import type { ClaimForm } from './claimLine.ts';

/** What the payer made of the claim that is to be corrected: it was never judged, all of it was denied, or it was paid. */
export const refusals = ['rejected', 'denied', 'paid'] as const;
export type Refusal = (typeof refusals)[number];

/** How a payer takes a correction: a new original, frequency 7, frequency 8 and then a new original, or by an appeal only. */
export const ways = ['original', 'replacement', 'void-and-original', 'appeal'] as const;
export type Way = (typeof ways)[number];

/** One rule of a payer: for which claims, which way, and what it asks for. */
export interface CorrectionRule {
  readonly form?: string;
  readonly after?: string;
  readonly way: Way;
  readonly days?: number; // after the last answer
  readonly changeReason: boolean; // a claim change reason (condition code D0 to D9, E0) is asked for
}

/** Claim change reasons (condition codes). */
export const changeReasons: readonly string[] = [
  ...['D0', 'D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'D8', 'D9', 'E0'],
];

interface Extended {
  readonly extension?: Extension[];
}

/** The rules that a payer, or the route to it, has. One that cannot be read is left out. */
export const correctionRules = (of: Extended | undefined): CorrectionRule[] =>
  extensionsOf(of, extension.correctionRule).flatMap((rule) => {
    const way = ways.find((w) => w === extensionOf(rule, 'way')?.valueCode);
    const form = extensionOf(rule, 'form')?.valueCode;
    const after = extensionOf(rule, 'after')?.valueCode;
    const days = extensionOf(rule, 'days')?.valuePositiveInt;
    return way === undefined
      ? []
      : [
          {
            way,
            changeReason: extensionOf(rule, 'change-reason')?.valueBoolean === true,
            ...(form === undefined ? {} : { form }),
            ...(after === undefined ? {} : { after }),
            ...(days === undefined ? {} : { days }),
          },
        ];
  });

/** What is usual: what was never judged goes again as an original, all else is replaced. Billing rules 14, 54 and 55. */
const usual = (after: Refusal): CorrectionRule => ({
  way: after === 'rejected' ? 'original' : 'replacement',
  changeReason: false,
});

/** The rule for a claim: the one that says most of it; of several the first. */
export function ruleFor(rules: readonly CorrectionRule[], form: ClaimForm, after: Refusal): CorrectionRule {
  const fitting = rules.filter(
    (r) => (r.form === undefined || r.form === form) && (r.after === undefined || r.after === after),
  );
  const exact = (r: CorrectionRule): number =>
    (r.form === undefined ? 0 : 1) + (r.after === undefined ? 0 : 1);
  return fitting.sort((a, b) => exact(b) - exact(a))[0] ?? usual(after);
}
