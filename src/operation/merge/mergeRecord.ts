import type { Basic, Extension } from '@medplum/fhirtypes';
import { concept, has } from '../../datatypes/coding.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { caseTerms } from '../../terminology/caseSystem.ts';
import { system } from '../../terminology/system.ts';

const code = 'patient-merge';

/** Whether a Basic is the record of a merge. */
export const isMerge = ({ code: of }: Basic): boolean => has(of, system.basic, code);

export interface MovedAccount {
  readonly account: string; // Account/1
  readonly under?: string; // Account/2
  readonly entries?: number; // of its journal at the merge; what came later is after them
}

/** What a merge did, kept so that it can be undone. */
export interface Merge {
  readonly source: string; // Patient/1
  readonly target: string; // Patient/2
  readonly reason: string;
  /** What was written, each as it was before: Encounter/1/_history/3. */
  readonly before: readonly string[];
  /** Accounts of the source, and the Account of the target each was put under; none: it became that of the target. */
  readonly accounts: readonly MovedAccount[];
}

const pointer = (url: string, reference: string): Extension => ({ url, valueReference: { reference } });

/** A merge as a resource: of the record that stays, kept by a practice. */
export const mergeBasic = (
  { source, target, reason, before, accounts }: Merge,
  practice: string | undefined,
): Basic => ({
  resourceType: 'Basic',
  code: concept(system.basic, code),
  subject: { reference: target },
  ...(practice === undefined ? {} : { author: { reference: practice } }),
  extension: [
    {
      url: caseTerms.merge,
      extension: [
        pointer('source', source),
        pointer('target', target),
        { url: 'reason', valueString: reason },
        ...before.map((reference) => pointer('before', reference)),
        ...accounts.map(({ account }) => pointer('account', account)),
        ...accounts.flatMap(({ account, under }) =>
          under === undefined ? [] : [{ url: 'under', valueString: `${account} ${under}` }],
        ),
        ...accounts.flatMap(({ account, entries }) =>
          entries === undefined ? [] : [{ url: 'entries', valueString: `${account} ${entries}` }],
        ),
      ],
    },
  ],
});

/** Reads the record of a merge. */
export function mergeOf(record: Basic): Merge {
  const said = extensionOf(record, caseTerms.merge);
  const of = (name: string): string => extensionOf(said, name)?.valueReference?.reference ?? '';
  const all = (name: string): string[] =>
    extensionsOf(said, name).flatMap((e) => e.valueReference?.reference ?? []);
  const perAccount = (name: string): Map<string, string> =>
    new Map(
      extensionsOf(said, name).map((e) => {
        const [account = '', value = ''] = (e.valueString ?? '').split(' ');
        return [account, value] as const;
      }),
    );
  const [under, entries] = [perAccount('under'), perAccount('entries')];
  return {
    source: of('source'),
    target: of('target'),
    reason: extensionOf(said, 'reason')?.valueString ?? '',
    before: all('before'),
    accounts: all('account').map((account) => {
      const [main, count] = [under.get(account), entries.get(account)];
      return {
        account,
        ...(main === undefined ? {} : { under: main }),
        ...(count === undefined ? {} : { entries: Number(count) }),
      };
    }),
  };
}
