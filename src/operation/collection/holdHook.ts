import type { Account } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { conflict } from '../../outcome/fhirError.ts';
import { extension } from '../../terminology/system.ts';

/** What operations keep on an Account: a plain write that leaves it out would end a hold without anybody deciding it. */
const kept: readonly string[] = [extension.billingHold, extension.agencyPlacement, extension.statementCycle];

/**
 * An Account is written plainly by those who keep its guarantor and coverages, but its holds are set and ended by
 * operations only. A plain write that changes them is refused; one that repeats them goes on.
 */
export const holdHook: WriteHook = {
  types: ['Account'],
  async run(_context, _tx, { before, after, by, target }) {
    if (by === 'operation' || after?.resourceType !== 'Account') return undefined;
    const former = await before();
    if (former?.resourceType !== 'Account') return undefined;
    if (!hasKept(former) && !saysPlaced(after)) return undefined;
    if (contentText(keptOf(former)) === contentText(keptOf(after))) return undefined;
    throw conflict(
      'kept-by-the-books',
      `Account/${target.id} stands under a hold or with an agency: $hold, $release-hold, $place and $recall change that`,
      'Account.extension',
    );
  },
};

const keptOf = ({ extension: all = [] }: Account) => all.filter(({ url }) => kept.includes(url));
/** $recall would take back whatever write-off such a placement names. */
const saysPlaced = ({ extension: all = [] }: Account): boolean =>
  all.some(({ url }) => url === extension.agencyPlacement);
const hasKept = (account: Account): boolean => keptOf(account).length > 0;
