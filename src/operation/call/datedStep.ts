import type { Context } from '../../interaction/context.ts';
import { hasPermission } from '../../interaction/permits.ts';
import { fhirError, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';
import { wasSeededAsDemo } from '../uniqueKey.ts';

/**
 * A step that counts as done on another day than today needs a permission. A claim is dated by its sending, so $submit
 * takes another day only in a store that was seeded as the demo practice, whose visits lie in the past.
 */
export async function assertMayDate(
  { context, tx }: { readonly context: Context; readonly tx: Transaction },
  step: { readonly code: string | undefined; readonly today: string; readonly on: string },
): Promise<void> {
  if (step.on === step.today) return;
  const at = "Parameters.parameter.where(name='businessDate').value";
  if (!hasPermission(context, 'business-date')) {
    const text = 'a businessDate other than today needs a permission';
    throw fhirError(403, 'forbidden', 'business-date-forbidden', text, at);
  }
  if (step.code !== 'submit' || (context.seededAsDemo ?? (await wasSeededAsDemo(tx)))) return;
  const text =
    '$submit takes a businessDate other than today only in a store that was seeded as the demo practice';
  throw unprocessable([businessFault('business-date-refused', at, text)]);
}
