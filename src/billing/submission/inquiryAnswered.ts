import { codesText, type Status } from './status277.ts';

/**
 * What a person has to do after a payer has answered where a claim stands (277 X212) that is still not answered; undefined
 * where the payer works at it. Texts hold codes, numbers and days only.
 */
export function toDoAfter(statuses: readonly Status[]): string | undefined {
  const categories = statuses.flatMap(({ codes }) => codes[0]?.category ?? []);
  const codes = codesText(statuses);
  const isOne = (pattern: RegExp): boolean => categories.some((category) => pattern.test(category));
  if (isOne(/^(A4|D0)$/))
    return `the payer says that it does not have the claim (${codes}): ask the trading partner where it is`;
  if (isOne(/^E\d/)) return unanswerable(codes);
  if (isOne(/^F\d/)) {
    const payment = statuses.find(({ paymentNumber }) => paymentNumber !== undefined);
    const by = payment ? ` ${payment.paymentNumber ?? ''}${day(payment.paidOn)}` : '';
    return `the payer says that it has decided the claim (${codes}), and its remittance has not come: ask for the remittance${by}`;
  }
  return undefined;
}

export const unanswerable = (codes: string): string =>
  `the payer could not answer where the claim stands (${codes}): ask it in another way`;

const day = (on: string | undefined): string => (on === undefined ? '' : ` of ${on}`);
