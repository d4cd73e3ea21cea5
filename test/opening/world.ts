import type { Claim, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { sum, type Cents } from '../../src/datatypes/cents.ts';
import type { Entry, LedgerAccount } from '../../src/datatypes/entry.ts';
import type { OperationContext } from '../../src/operation/operation.ts';
import type { Store } from '../../src/store/store.ts';
import { openOffice, type Office, type Said } from '../firm/office.ts';
import { coded, coverage, hcpcs, patient } from '../firm/visit.ts';
import { interchangeText, type Clp, type Remittance } from '../posting/remittance.ts';

/** The last day of the former books. */
export const lastDay = '2026-10-31';
const clinic = { reference: 'Organization/alder-street-clinic' };
const plac = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }] };

export const dollars = (value: number) => ({ value, currency: 'USD' as const });
export const amount = (name: string, value: number): ParametersParameter => ({
  name,
  valueMoney: dollars(value),
});
export const text = (name: string, valueString: string): ParametersParameter => ({ name, valueString });
export const day = (name: string, valueDate: string): ParametersParameter => ({ name, valueDate });
export const names = (name: string, reference: string): ParametersParameter => ({
  name,
  valueReference: { reference },
});

/** A claim as the former system sent it to Juniper: an office visit and a drug. */
export const formerClaim = (number: string, of: string, over: Partial<Claim> = {}): Claim => ({
  resourceType: 'Claim',
  status: 'active',
  type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
  use: 'claim',
  identifier: [{ type: plac, value: number }],
  patient: { reference: `Patient/${of}` },
  created: '2026-09-03',
  billablePeriod: { start: '2026-09-01', end: '2026-09-01' },
  insurer: { reference: 'Organization/juniper-ridge' },
  provider: clinic,
  priority: coded('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
  insurance: [{ sequence: 1, focal: true, coverage: { reference: `Coverage/${of}` } }],
  diagnosis: [
    { sequence: 1, diagnosisCodeableConcept: coded('http://hl7.org/fhir/sid/icd-10-cm', 'M17.11') },
  ],
  item: [
    [1, 'T1015', 120],
    [2, 'J3301', 30],
  ].map(([sequence, code, net]) => ({
    sequence: Number(sequence),
    productOrService: coded(hcpcs, String(code)),
    servicedDate: '2026-09-01',
    quantity: { value: 1 },
    diagnosisSequence: [1],
    net: dollars(Number(net)),
  })),
  total: dollars(150),
  ...over,
});

/** Such a claim as a part of the opening. */
export const claimPart = (
  claim: Claim,
  open: number,
  ...more: readonly ParametersParameter[]
): ParametersParameter => ({
  name: 'claim',
  part: [{ name: 'resource', resource: claim }, day('sent', '2026-09-03'), amount('open', open), ...more],
});
export const balancePart = (
  reference: string,
  of: string,
  owed: number,
  ...more: readonly ParametersParameter[]
): ParametersParameter => ({
  name: 'balance',
  part: [text('reference', reference), names('patient', `Patient/${of}`), amount('amount', owed), ...more],
});
export const creditPart = (reference: string, of: string, left: number): ParametersParameter => ({
  name: 'credit',
  part: [
    text('reference', reference),
    names('patient', `Patient/${of}`),
    amount('amount', left),
    day('date', '2026-10-12'),
    { name: 'method', valueCode: 'check' },
  ],
});
export const answerPart = (paid: number, adjusted: number): ParametersParameter => ({
  name: 'answer',
  part: [amount('paid', paid), amount('adjusted', adjusted)],
});
export const close: ParametersParameter = { name: 'close', valueBoolean: true };

/** The sums of the reports of the former system, with what every call says. */
export const head = (insurance: number, owed: number, credit: number): ParametersParameter[] => [
  names('practice', 'Organization/alder-street-clinic'),
  day('date', lastDay),
  text('source', 'Medibill 4'),
  amount('insuranceTotal', insurance),
  amount('patientTotal', owed),
  amount('creditTotal', credit),
];

/** The two lines of such a claim as the payer decides them. */
export const decidedLines = (
  first: readonly [paid: number, why?: string],
  second: readonly [paid: number, why?: string],
) =>
  [
    { code: 'T1015', charge: 120, of: first },
    { code: 'J3301', charge: 30, of: second },
  ].map(({ code, charge, of: [paid, why] }) => ({
    ...{ code, charge, paid },
    ...(why === undefined ? {} : { why }),
  }));

export const clp = (number: string, lines: Clp['lines'], over: Partial<Clp> = {}): Clp => ({
  number,
  payerNumber: `ICN-${number}`,
  lines,
  ...over,
});

/** A practice on the day it goes live: its parties and payers are there, patients and coverages were imported. */
export interface World extends Office {
  load(...parameter: readonly ParametersParameter[]): Promise<Said>;
  /** POSTs an 835; answers when its claims are posted or held. */
  remit(remittance: Remittance): Promise<number>;
  claim(number: string): Promise<Claim & { id: string }>;
  state(claim: { readonly id: string }): Promise<{ readonly state: string | undefined; allows: string[] }>;
  entries(): Promise<Entry[]>;
  /** What stands on a ledger account, in dollars; debits are positive. */
  stands(account: LedgerAccount, claim?: string): Promise<number>;
  tasks(): Promise<string[]>;
  faults(): Promise<readonly string[]>;
  /** Every resource that a load could write, with its version. */
  written(): Promise<string>;
}

export async function openWorld(
  open: () => Promise<Store>,
  patients: readonly string[],
  over: Partial<OperationContext> = {},
): Promise<World> {
  const office = await openOffice(open, { payer: 'none', ...over });
  const { context } = office;
  for (const id of patients) await office.put(patient(id), coverage(id, id));
  const entries = async (): Promise<Entry[]> => {
    const all: Entry[] = [];
    for (let after: number | undefined; ;) {
      const page = await context.store.entries({ count: 500, ...(after === undefined ? {} : { after }) });
      all.push(...page.entries);
      after = page.next;
      if (after === undefined) return all;
    }
  };
  let files = 0;
  // each file has a control number of its own
  const numbered = (file: string): string => {
    files += 1;
    return file.replaceAll('*000000001', `*${String(files).padStart(9, '0')}`);
  };
  return {
    ...office,
    entries,
    load: (...parameter) => office.call('$load-opening', parameter),
    remit: async (remittance) =>
      (
        await supertest(createApp(context))
          .post('/fhir/$process-x12')
          .set('Content-Type', 'application/EDI-X12')
          .send(numbered(interchangeText(remittance)))
      ).status,
    claim: async (number) => {
      const [found] = await office.find<Claim>(`Claim?identifier=${number}`);
      if (!found) throw new Error(`there is no claim ${number}`);
      return found;
    },
    state: async ({ id }) => {
      const { parameter = [] } = (await office.send('get', `Claim/${id}/$state`)).body as Parameters;
      const codes = (name: string) => parameter.flatMap((p) => (p.name === name ? (p.valueCode ?? []) : []));
      return { state: codes('state')[0], allows: codes('allows') };
    },
    stands: async (account, claim) =>
      sum(
        (await entries())
          .flatMap((e) => e.postings)
          .filter((p) => p.account === account && (claim === undefined || p.claim === `Claim/${claim}`))
          .map((p): Cents => p.amount),
      ) / 100,
    tasks: async () =>
      (await office.find('Task'))
        .flatMap((t) => (t.resourceType === 'Task' && t.status !== 'completed' ? [t] : []))
        .map((t) => `${t.code?.coding?.[0]?.code ?? ''} ${t.focus?.reference?.split('/')[0] ?? ''}`)
        .sort(),
    faults: async () => (await storeFaults(context.store, Date.parse(context.now()) + 3_600_000)).faults,
    written: async () => {
      const found: Resource[] = [];
      for (const type of ['Account', 'Basic', 'Claim', 'ClaimResponse', 'Invoice', 'PaymentNotice', 'Task'])
        found.push(...(await office.find(type)));
      const books = (await entries()).length;
      return JSON.stringify([books, found.map((r) => [r.resourceType, r.id, r.meta?.versionId]).sort()]);
    },
  };
}
