import type { Extension, Organization } from '@medplum/fhirtypes';
import { basisPoints, centsOf, zero, type Cents } from '../../datatypes/cents.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';

/** What kind of place a practice is, as laws about collection tell them apart. */
export const facilities = ['office', 'hospital', 'nonprofit-hospital'] as const;
export type Facility = (typeof facilities)[number];

/** How a practice collects: extension `collection` on its Organization. What it does not say is off. */
export interface CollectionSettings {
  readonly facility: Facility;
  /** Days after its due date until an instalment counts as missed. */
  readonly graceDays: number;
  /** What is open of an Invoice, at most, that is given up after so many days. */
  readonly smallBalance: Cents;
  readonly smallBalanceDays: number;
  /** What is taken off for who pays within so many days, in basis points. */
  readonly promptPay: number;
  readonly promptPayDays: number;
  /** What is taken off a bill that no insurance has a part in, in basis points. */
  readonly selfPay: number;
  /** Amounts generally billed to the insured, in basis points of the charges: 26 CFR 1.501(r)-5. */
  readonly generallyBilled: number | undefined;
  /** The state whose law holds, where the address does not say it. */
  readonly state: string | undefined;
}

const whole = (of: Extension | undefined, name: string, otherwise: number): number =>
  extensionOf(of, name)?.valueInteger ?? otherwise;

export function collectionSettings(practice: Organization | undefined): CollectionSettings {
  const said = extensionOf(practice, extension.collection);
  const percent = (name: string) => basisPoints(extensionOf(said, name)?.valueDecimal);
  return {
    facility: facilities.find((f) => f === extensionOf(said, 'facility')?.valueCode) ?? 'office',
    graceDays: whole(said, 'graceDays', 5),
    smallBalance: centsOf(extensionOf(said, 'smallBalance')?.valueMoney) ?? zero,
    smallBalanceDays: whole(said, 'smallBalanceDays', 90),
    promptPay: percent('promptPay') ?? 0,
    promptPayDays: whole(said, 'promptPayDays', 30),
    selfPay: percent('selfPay') ?? 0,
    generallyBilled: percent('generallyBilled'),
    state: extensionOf(said, 'state')?.valueCode ?? practice?.address?.find((a) => a.state)?.state,
  };
}
