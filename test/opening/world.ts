import type { Claim, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { sum, type Cents } from '../../src/datatypes/cents.ts';
import type { Entry, LedgerAccount } from '../../src/datatypes/entry.ts';
import type { OperationContext } from '../../src/operation/operation.ts';
import { postingKind } from '../../src/operation/remittance/postAgain.ts';
import { work } from '../../src/operation/remittance/postingJob.ts';
import type { Store } from '../../src/store/store.ts';
import { openOffice, type Office, type Said } from '../firm/office.ts';
import { coverage, patient } from '../firm/visit.ts';
import { interchangeText, type Clp, type Remittance } from '../posting/remittance.ts';

export * from './parts.ts';

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
  /** POSTs an 835; answers when its claims are posted or held, and with them what had waited for it. */
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
    remit: async (remittance) => {
      const { status } = await supertest(createApp(context))
        .post('/fhir/$process-x12')
        .set('Content-Type', 'application/EDI-X12')
        .send(numbered(interchangeText(remittance)));
      for (;;) {
        const [lease] = await context.store.jobs.take({ kinds: [postingKind], count: 1 });
        if (!lease) return status;
        await work(context, lease);
      }
    },
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
