import type { Account, Coverage, Patient, RelatedPerson } from '@medplum/fhirtypes';
import type { PayersOn } from '../../billing/claim/assign.ts';
import { payerOrder, type NamedCoverage, type PayerOrder } from '../../billing/claim/payerOrder.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

/** Reads the Coverages of a patient and says who pays a visit of that day, in order. */
export const payersOf = async (
  reader: Reader,
  visit: { readonly account: Account; readonly patient: Patient & { id: string }; readonly on: string },
): Promise<PayerOrder> => (await readPayers(reader, visit)).payersOn(visit.on);

/** Reads the Coverages of a patient once: `known` are all that count, `payersOn` says who pays on a day, in order. */
export async function readPayers(
  reader: Reader,
  visit: { readonly account: Account; readonly patient: Patient & { id: string } },
): Promise<{ readonly known: readonly Coverage[]; readonly payersOn: PayersOn }> {
  const { account, patient } = visit;
  const named: NamedCoverage[] = [];
  for (const { coverage: reference, priority } of account.coverage ?? []) {
    const coverage = await resolve<Coverage>(reader, 'Coverage', reference);
    if (coverage) named.push({ coverage, priority });
  }
  const known =
    named.length > 0
      ? []
      : await find<Coverage>(reader, 'Coverage', { beneficiary: `Patient/${patient.id}` });
  const subscribers = new Map<string, Patient | RelatedPerson>();
  if (known.length + named.length > 1) {
    const all = [...known, ...named.map((n) => n.coverage)];
    for (const reference of new Set(all.flatMap(({ subscriber }) => subscriber?.reference ?? []))) {
      const target = parseReference(reference);
      if (target?.type !== 'Patient' && target?.type !== 'RelatedPerson') continue;
      const self = target.type === 'Patient' && target.id === patient.id;
      const person = self
        ? patient
        : await resolve<Patient | RelatedPerson>(reader, target.type, { reference });
      if (person) subscribers.set(reference, person);
    }
  }
  return {
    known: [...named.map((n) => n.coverage), ...known],
    payersOn: (on, form) =>
      payerOrder({ named, known, on, patient, subscribers, ...(form === undefined ? {} : { form }) }),
  };
}
