import type { Coverage, Extension, Patient, Task } from '@medplum/fhirtypes';
import { adjustmentsOf, type Decided } from './decided.ts';
import { cents } from '../../src/datatypes/cents.ts';
import {
  answerClaim,
  captureVisit,
  openPractice,
  submitVisit,
  type Practice,
} from '../fixture/answeredVisit.ts';
import { checkBooks, readBooks } from '../fixture/invariant.ts';
import type { Store } from '../../src/store/store.ts';
import { openFirm, type Firm } from './overHttp.ts';

/** A clinic whose patient's claims are answered as a test says. */
export interface Answering extends Firm {
  readonly practice: Practice;
  /** A visit whose claim `name` the first payer answers, and where `second` is given the further one `name-2`. */
  visit(name: string, first: Decided, second?: Decided): Promise<void>;
  /** Stores Coverage/first or second of a type (SOPT code). */
  coverage(id: 'first' | 'second', sopt: string | undefined, extension?: Extension): Promise<void>;
  qmb(extension: Extension): Promise<void>;
  tasks(code: string): Promise<Task[]>;
  invoices(): Promise<number[]>;
  check(): Promise<void>;
}

const sopt = 'https://nahdo.org/sopt';

/** The fact that a patient is a QMB. */
export const qmbFact = (
  start: string | undefined,
  end?: string,
  source = '271 of 2026-03-01',
): Extension => ({
  url: 'https://claimwright.example/fhir/StructureDefinition/qmb',
  extension: [
    ...(start === undefined
      ? []
      : [{ url: 'period', valuePeriod: { start, ...(end === undefined ? {} : { end }) } }]),
    { url: 'source', valueString: source },
  ],
});

export async function openAnswering(store: () => Promise<Store>): Promise<Answering> {
  const firm = await openFirm(store);
  const practice = await openPractice(firm.context);
  const put = async (resource: Parameters<Firm['put']>[0]): Promise<void> => {
    const { status, body } = await firm.put(resource);
    if (status >= 300) throw new Error(JSON.stringify(body));
  };
  return {
    ...firm,
    practice,
    visit: async (name, first, second) => {
      const [charge] = adjustmentsOf(first);
      const charges = [cents(charge?.submitted ?? 0)];
      await captureVisit(practice, { name, on: '2026-03-11', charges });
      await submitVisit(practice, { name, claim: name, on: '2026-03-12', charges });
      const next = second ? { next: `${name}-2` } : {};
      const reply = { name, claim: name, payer: 'first', on: '2026-03-26' } as const;
      await answerClaim(practice, { ...reply, decisions: adjustmentsOf(first), ...next });
      if (!second) return;
      await answerClaim(practice, {
        name,
        claim: `${name}-2`,
        payer: 'second',
        on: '2026-04-09',
        decisions: adjustmentsOf(second),
      });
    },
    coverage: async (id, code, extension) => {
      const coverage: Coverage & { id: string } = {
        resourceType: 'Coverage',
        id,
        ...(extension ? { extension: [extension] } : {}),
        status: 'active',
        ...(code === undefined ? {} : { type: { coding: [{ system: sopt, code }] } }),
        beneficiary: { reference: practice.patient },
        payor: [{ reference: `Organization/${id}` }],
      };
      await put(coverage);
    },
    qmb: async (extension) => {
      const patient = await firm.get<Patient & { id: string }>(practice.patient);
      await put({ ...patient, extension: [extension] });
    },
    tasks: async (code) => {
      const { entry = [] } = await firm.get<{ entry?: { resource: Task }[] }>('Task?_count=100');
      return entry.map((e) => e.resource).filter((t) => t.code?.coding?.[0]?.code === code);
    },
    invoices: async () => {
      const found = await firm.get<{ entry?: { resource: { totalNet: { value: number } } }[] }>(
        'Invoice?status=issued,balanced',
      );
      return (found.entry ?? []).map((e) => e.resource.totalNet.value);
    },
    check: async () => {
      checkBooks(await readBooks(firm.context.store, practice.account));
    },
  };
}
