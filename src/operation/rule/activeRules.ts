import type { Basic, Claim } from '@medplum/fhirtypes';
import { isAbout, readRule, type DataRule } from '../../billing/rule/dataRule.ts';
import { dateOf } from '../../datatypes/date.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { find } from '../../interaction/repository.ts';
import { typeCache } from '../../interaction/typeCache.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';

/** A rule that is switched on, and its Basic. */
export interface ActiveRule {
  readonly rule: DataRule;
  readonly id: string; // of the Basic
  readonly version: string;
}

/** Every rule that is switched on, read again only after a Basic was written: most stores have none. */
const allActive = ({ context, tx }: Pick<Call, 'context' | 'tx'>): Promise<readonly ActiveRule[]> =>
  typeCache(context, tx, {
    key: 'active-scrub-rules',
    types: ['Basic'],
    build: async (server) => {
      const found = await find<Basic>(server, 'Basic', { code: `${system.basic}|scrub-rule` });
      return found.flatMap((basic): ActiveRule[] => {
        const { rule, faults } = readRule(basic);
        if (rule.status !== 'active' || faults.length > 0) return [];
        return [{ rule, id: basic.id ?? '', version: basic.meta?.versionId ?? '' }];
      });
    },
  });

/** The first day of what a claim bills. */
export const firstDay = ({ billablePeriod, item = [], created }: Claim): string => {
  const days = item.flatMap((i) => i.servicedDate ?? i.servicedPeriod?.start ?? []);
  return dateOf(billablePeriod?.start ?? days.sort()[0] ?? created);
};

/** The rules that a claim is held against, those of its practice and those of all. */
export async function activeRulesFor(
  call: Pick<Call, 'context' | 'tx'>,
  claim: Claim,
): Promise<readonly ActiveRule[]> {
  const all = await allActive(call);
  if (all.length === 0) return all;
  const practice = unversionedText(claim.provider.reference);
  const about = { payer: unversionedText(claim.insurer?.reference), day: firstDay(claim) };
  return all.filter(
    ({ rule }) => (rule.practice === undefined || rule.practice === practice) && isAbout(rule, about),
  );
}
