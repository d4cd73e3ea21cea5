import { dateInZone } from '../../datatypes/date.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { warning, type Issue } from '../../outcome/issue.ts';
import type { Advice } from '../../billing/remittance/advice.ts';
import type { OperationContext } from '../operation.ts';
import type { Handled, ReceivedSet, SetHandler } from '../x12/handler.ts';
import type { Source } from './desk.ts';
import { takeRemittance } from './postingJob.ts';
import { read835Set } from './read835Set.ts';

/** How much of the SHA-256 of an interchange tells it from others where an element names its segment. */
const hashLength = 12;

/** Takes up an 835: it is written, its deposit is posted, and its claims from there as far as they match and balance. */
export const take835: SetHandler = async (context, set) => take(context, set, await read835Set(set.parts()));

/**
 * An 835 that was rejected: its money comes all the same. Where its payment can be read it is written and its deposit
 * posted, its claims wait. One whose payment cannot be read is not known here until the bank says that it came.
 */
export const takeRejected835: SetHandler = async (context, set) => {
  const advice = await read835Set(set.parts());
  return advice.faults.length > 0 ? { made: [] } : take(context, set, advice, true);
};

async function take(
  context: OperationContext,
  set: ReceivedSet,
  advice: Advice,
  isRejected = false,
): Promise<Handled> {
  const on = dateInZone(context.now(), context.timeZone);
  const source: Source = {
    binary: set.interchange,
    hash: set.sha256.slice(0, hashLength),
    position: set.position,
  };
  const { is, reconciliation, held } = await takeRemittance(context, advice, { on, source, isRejected });
  const name = referenceText(reconciliation);
  const issues: Issue[] = [
    ...(is === 'differs'
      ? [
          warning(
            'remittance-differs',
            undefined,
            `another remittance has the trace number of ${name}: nothing was posted`,
          ),
        ]
      : []),
    ...held.map((text) =>
      warning('remittance-held', undefined, `the claims of ${name} wait for a person: ${text}`),
    ),
    ...(reconciliation.outcome === 'partial' || (reconciliation.outcome === 'queued' && held.length === 0)
      ? [warning('claims-held', undefined, `not every claim of ${name} could be posted: its Tasks say why`)]
      : []),
  ];
  return { made: [name], issues };
}
