import type { Task } from '@medplum/fhirtypes';
import { expectedOf, standingOf } from '../../billing/contract/feeContract.ts';
import { lateIn } from '../../billing/contract/latePay.ts';
import { sum } from '../../datatypes/cents.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { find } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';

type Figures = Readonly<Record<string, number>>;

/** What is kept beside the claims of a practice and not posted, by claim (Claim/1), for the report that tells of it. */
export async function keptFigures(
  reader: Reader,
  { measure, practice }: { readonly measure: string; readonly practice: string },
): Promise<Readonly<Record<string, Figures>>> {
  if (measure !== 'underpayments') return {};
  const found: Record<string, Figures> = {};
  const tasks = (code: string): Promise<Task[]> =>
    find<Task>(reader, 'Task', { code: `${system.task}|${code}`, owner: practice });
  const add = ({ focus }: Task, figures: Figures): void => {
    const claim = unversionedText(focus?.reference) ?? '';
    found[claim] = { ...found[claim], ...figures };
  };
  for (const task of await tasks('payment-expected')) {
    const { short = 0, over = 0, found: missing = 0, recovered = 0 } = standingOf(task) ?? {};
    const expected = sum(expectedOf(task).map(({ amount }) => amount));
    add(task, { expected, short, over, found: missing, recovered });
  }
  for (const task of await tasks('late-paid')) {
    const { paid, interest, received } = lateIn(task);
    add(task, { late: paid, interest, 'interest-received': received });
  }
  return found;
}
