import type { ConceptMap } from '@medplum/fhirtypes';
import type { LedgerAccount } from '../../datatypes/entry.ts';
import type { AdviceProviderAdjustment } from './advice.ts';

/** What becomes of a provider-level adjustment. */
export interface AdjustmentAccount {
  readonly account: LedgerAccount;
  /** `claim`: its reference names a claim; `trace`: it names the 835 that made it. */
  readonly of?: 'claim' | 'trace';
  readonly text: string;
}

/** A row: PLB03-1 of any sign or one, of any payer or one. The narrower row wins, of equal ones the later. */
export interface AdjustmentRow extends AdjustmentAccount {
  readonly code: string;
  readonly sign?: '+' | '-'; // `+` takes money, `-` brings it
  readonly payer?: string; // Organization/1
}

const row = (
  code: string,
  account: LedgerAccount,
  text: string,
  more: Pick<AdjustmentRow, 'sign' | 'of'> = {},
): AdjustmentRow => ({ code, account, text, ...more });

/**
 * The shipped table: PLB03-1 to the account that stands against the money. Billing rule 63 gives the signs of WO, FB, 72
 * and L6 only; every other code is posted by its sign as it comes. A practice adds to it by a ConceptMap: decision 0036.
 */
export const shippedAdjustments: readonly AdjustmentRow[] = [
  row('WO', 'payer-recoupment', 'overpayment recovered by the payer', { of: 'claim' }),
  row('FB', 'forwarding-balance', 'balance carried between remittances', { of: 'trace' }),
  row('72', 'refunds-payable', 'the payer acknowledges our refund', { of: 'claim' }),
  row('L6', 'interest-income', 'interest paid by the payer', { sign: '-' }),
  row('L6', 'interest-expense', 'interest taken by the payer', { sign: '+' }),
  row('51', 'interest-expense', 'interest penalty'),
  row('IR', 'tax-withheld', 'tax withheld by the payer'),
  row('E3', 'withhold-receivable', 'withheld by contract'),
  row('CT', 'capitation-revenue', 'capitation payment'),
  row('CR', 'capitation-revenue', 'interest on capitation'),
  row('IP', 'incentive-revenue', 'incentive payment'),
  row('BN', 'incentive-revenue', 'bonus'),
  row('50', 'penalty-adjustment', 'charge for late filing'),
  row('L3', 'penalty-adjustment', 'penalty'),
];

/** Where a practice may have an adjustment posted: what stands beside its claims, never a receivable or the cash. */
const accounts = [
  ...(['payer-recoupment', 'forwarding-balance', 'refunds-payable', 'interest-income'] as const),
  ...(['interest-expense', 'tax-withheld', 'withhold-receivable', 'capitation-revenue'] as const),
  ...(['incentive-revenue', 'penalty-adjustment', 'capitation-adjustment', 'other-expense'] as const),
] as const satisfies readonly LedgerAccount[];
const accountNamed = (code: string | undefined): (typeof accounts)[number] | undefined =>
  accounts.find((known) => known === code);

/**
 * The rows that a ConceptMap adds: element.code `L6`, or `L6+` and `L6-` for one sign; target.code the account,
 * target.dependsOn property `payer` (Organization/1) narrows it, `of` says what its reference names.
 */
export const adjustmentRows = (map: ConceptMap): AdjustmentRow[] =>
  map.status !== 'active'
    ? []
    : (map.group ?? []).flatMap((group) =>
        group.element.flatMap((element) => {
          const match = /^([0-9A-Z]{2})([+-]?)$/.exec(element.code ?? '');
          const [, code = '', sign] = match ?? [];
          if (!match) return [];
          return (element.target ?? []).flatMap((target): AdjustmentRow[] => {
            const account = accountNamed(target.code);
            if (!account) return [];
            const said = (property: string): string | undefined =>
              target.dependsOn?.find((d) => d.property === property)?.value;
            const [payer, of] = [said('payer'), said('of')];
            return [
              {
                code,
                account,
                text: `provider adjustment ${code}`,
                ...(sign === '+' || sign === '-' ? { sign } : {}),
                ...(payer === undefined ? {} : { payer }),
                ...(of === 'claim' || of === 'trace' ? { of } : {}),
              },
            ];
          });
        }),
      );

/** The account of a provider-level adjustment; `unclassified` needs a person to decide. */
export function accountOf(
  { code, amount }: Pick<AdviceProviderAdjustment, 'code' | 'amount'>,
  payer: string | undefined,
  table: readonly AdjustmentRow[] = shippedAdjustments,
): AdjustmentAccount & { readonly isUnclassified: boolean } {
  const fits = table.filter(
    (r) =>
      r.code === code &&
      (r.sign === undefined || r.sign === (amount < 0 ? '-' : '+')) &&
      (r.payer === undefined || r.payer === payer),
  );
  const narrowness = (r: AdjustmentRow): number =>
    (r.payer === undefined ? 0 : 2) + (r.sign === undefined ? 0 : 1);
  let best: AdjustmentRow | undefined;
  for (const r of fits) if (!best || narrowness(r) >= narrowness(best)) best = r;
  return best
    ? { ...best, isUnclassified: false }
    : {
        account: 'unclassified-payer-adjustment',
        text: `provider adjustment ${code}`,
        isUnclassified: true,
      };
}
