import type {
  ChargeItem,
  Claim,
  ClaimResponse,
  Invoice,
  Patient,
  PaymentNotice,
  PaymentReconciliation,
  Provenance,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { fromMoney, type Cents } from '../../../src/datatypes/cents.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { find } from '../../../src/interaction/repository.ts';

/** Everything that the recount reads. */
export interface Read {
  readonly charges: readonly ChargeItem[];
  readonly claims: readonly Claim[];
  readonly answers: readonly ClaimResponse[];
  readonly remittances: readonly PaymentReconciliation[];
  readonly invoices: readonly Invoice[];
  readonly receipts: readonly PaymentNotice[];
  readonly tasks: readonly Task[];
  readonly provenances: readonly Provenance[];
  readonly patients: readonly Patient[];
}

export const day = (text: string | undefined): string => (text ?? '').slice(0, 10);
export const plain = (reference: string | undefined): string =>
  (reference ?? '').replace(/\/_history\/.*$/, '');
export const money = (value: number | undefined): Cents => fromMoney({ value: value ?? 0, currency: 'USD' });
export const nameOf = ({ resourceType, id = '' }: Resource): string => `${resourceType}/${id}`;
const ours = 'https://claimwright.example/fhir/StructureDefinition/';

interface Extended {
  readonly extension?: readonly { readonly url: string }[] | undefined;
}
export const extended = ({ extension = [] }: Extended, name: string): boolean =>
  extension.some(({ url }) => url === `${ours}${name}`);

/** The day on which an operation changed a resource, by the Provenance that it left. */
export const doneOn = ({ provenances }: Read, operation: string, reference: string): string =>
  day(
    provenances.find(
      (p) => p.activity?.text === operation && p.target.some((t) => plain(t.reference) === reference),
    )?.recorded,
  );

/** Reads a whole practice; of each resource the current version. */
export async function readAll({ store }: Context): Promise<Read> {
  const all = <T extends Resource>(type: T['resourceType']): Promise<T[]> => find<T>(store, type, {});
  return {
    charges: await all<ChargeItem>('ChargeItem'),
    claims: await all<Claim>('Claim'),
    answers: await all<ClaimResponse>('ClaimResponse'),
    remittances: await all<PaymentReconciliation>('PaymentReconciliation'),
    invoices: await all<Invoice>('Invoice'),
    receipts: await all<PaymentNotice>('PaymentNotice'),
    tasks: await all<Task>('Task'),
    provenances: await all<Provenance>('Provenance'),
    patients: await all<Patient>('Patient'),
  };
}
