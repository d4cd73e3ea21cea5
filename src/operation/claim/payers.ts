import type { Account, Coverage, Encounter, Patient, RelatedPerson } from '@medplum/fhirtypes';
import type { PayersOn } from '../../billing/claim/assign.ts';
import { payerOrder, type NamedCoverage, type PayerOrder } from '../../billing/claim/payerOrder.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { contains } from '../../datatypes/date.ts';
import type { EpisodeCase } from '../../billing/claim/episodeCase.ts';
import { businessFault, decided, type Issue } from '../../outcome/issue.ts';
import { caseOfVisit, coveragesOfCases } from './caseOfVisit.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

/** Whose visit it is: the case of the encounter comes before the patient's own Coverages. */
interface Asked {
  readonly account: Account;
  readonly patient: Patient & { id: string };
  readonly encounter?: Pick<Encounter, 'episodeOfCare'>;
}

interface Payers {
  readonly known: readonly Coverage[];
  readonly payersOn: PayersOn;
}

/** Reads the Coverages of a patient and says who pays a visit of that day, in order. */
export const payersOf = async (reader: Reader, visit: Asked & { readonly on: string }): Promise<PayerOrder> =>
  (await readPayers(reader, visit)).payersOn(visit.on);

/** Reads the Coverages of a patient once: `known` are all that count, `payersOn` says who pays on a day, in order. */
export async function readPayers(reader: Reader, visit: Asked): Promise<Payers> {
  const { patient, encounter } = visit;
  const own = encounter && (await caseOfVisit(reader, encounter));
  if (own) {
    const said = await payersOfCase(reader, own, patient.id);
    if ('faults' in said) return { known: [], payersOn: () => ({ ...nobody, faults: said.faults }) };
    if (own.kind === 'workers-compensation' && said.coverage) return onlyPayer(said.coverage, own);
    const others = await usualPayers(reader, visit);
    return said.coverage ? before(said.coverage, others) : others;
  }
  return usualPayers(reader, visit);
}

async function usualPayers(reader: Reader, { account, patient }: Asked): Promise<Payers> {
  const named: NamedCoverage[] = [];
  for (const { coverage: reference, priority } of account.coverage ?? []) {
    const coverage = await resolve<Coverage>(reader, 'Coverage', reference);
    if (coverage) named.push({ coverage, priority });
  }
  const name = `Patient/${patient.id}`;
  const held = named.length > 0 ? [] : await find<Coverage>(reader, 'Coverage', { beneficiary: name });
  const ofCases = held.length > 0 ? await coveragesOfCases(reader, name) : new Set<string>();
  const known = held.filter((coverage) => !ofCases.has(referenceText(coverage)));
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

const nobody: PayerOrder = { coverages: [], selfPay: false, issues: [], faults: [] };

/** The Coverage of a case; none where the case is denied, or names none and leaves the visit to the patient's own. */
async function payersOfCase(
  reader: Reader,
  { reference, patient, kind, decision, coverage }: EpisodeCase,
  of: string,
): Promise<{ readonly coverage: Coverage | undefined } | { readonly faults: readonly Issue[] }> {
  const fault = (text: string): { readonly faults: readonly Issue[] } => ({
    faults: [businessFault('case-unusable', 'Encounter.episodeOfCare', `${reference} ${text}`)],
  });
  if (patient !== `Patient/${of}`) return fault('is a case of another patient');
  if (decision === 'denied') return { coverage: undefined };
  const found =
    coverage === undefined ? undefined : await resolve<Coverage>(reader, 'Coverage', { reference: coverage });
  if (found && found.beneficiary.reference?.split('/_history/')[0] !== patient)
    return fault('names a Coverage of another patient');
  if (found) return { coverage: found };
  if (coverage !== undefined) return fault('names a Coverage that is not here');
  return kind === 'workers-compensation'
    ? fault('names no Coverage that pays for it')
    : { coverage: undefined };
}

const paysOn = (coverage: Coverage, on: string): boolean =>
  coverage.status === 'active' && contains(coverage.period, on);

/** Compensation for work pays alone. */
const onlyPayer = (coverage: Coverage, { reference }: EpisodeCase): Payers => ({
  known: [coverage],
  payersOn: (on) => {
    if (paysOn(coverage, on))
      return {
        ...nobody,
        coverages: [coverage],
        issues: [decided('case', 'Coverage', `${reference} pays alone`)],
      };
    const text = `${reference}: ${referenceText(coverage)} is not active on ${on}`;
    return { ...nobody, faults: [businessFault('case-unusable', 'Encounter.episodeOfCare', text)] };
  },
});

/** Whoever answers for an accident pays before the patient's own plans. */
const before = (coverage: Coverage, others: Payers): Payers => ({
  known: [coverage, ...others.known],
  payersOn: (on, form) => {
    const after = others.payersOn(on, form);
    if (!paysOn(coverage, on)) return after;
    const coverages = [coverage, ...after.coverages.filter(({ id }) => id !== coverage.id)];
    return { coverages, selfPay: false, issues: after.selfPay ? [] : after.issues, faults: after.faults };
  },
});
