import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClaimResponse, Invoice } from '@medplum/fhirtypes';
import { readClock, type DatedVisit } from '../../../src/command/seed/clock.ts';
import { tableRows, type Row } from '../../../src/command/seed/tableRows.ts';
import { storeFaults } from '../../../src/command/verify/readBooks.ts';
import { toText } from '../../../src/datatypes/cents.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { oracle } from '../../scenario/oracle.ts';
import { openPractice, type Practice } from '../../scenario/practice.ts';
import {
  answerTo,
  claimOf,
  decisionOf,
  explanationsOf,
  invoiceLines,
  totalOf,
} from '../../scenario/reading.ts';
import { directoryMailbox, openRoad, sftpMailbox, type Road } from './road.ts';
import { standing } from './standing.ts';

/** The ten stories with the payers at the other end of a mailbox, beside the same over FHIR. */
const visits = readClock();
let direct: Practice;
beforeAll(async () => {
  direct = await openPractice();
});

const stories = visits.map((visit): [number, DatedVisit] => [visit.story ?? 0, visit]);

const mailboxes = [
  ['a directory', directoryMailbox],
  ['SFTP', sftpMailbox],
] as const;

describe.each(mailboxes)('the stories over %s', (_name, mailbox) => {
  let road: Road;
  let rows: Row[];
  beforeAll(async () => {
    const now = (): string => new Date().toISOString();
    road = await openRoad(() => openStore('sqlite::memory:', { now }), await mailbox());
    for (const visit of visits) await road.runStory(visit);
    rows = await tableRows(
      road.context,
      visits.map(({ encounter }) => encounter),
    );
  });
  afterAll(() => road.close());

  test.each(oracle.ledger.filter(({ story }) => story !== 'Σ'))(
    'Done 3 story $story: charges, cash, write-off and what is owed by whom',
    ({ story, ...amounts }) => {
      const row = rows[Number(story) - 1];
      if (!row) throw new Error('no row');
      expect({
        charges: toText(row.charge),
        insurerCash: toText(row.insurerPaid),
        patientCash: toText(row.patientPaid),
        contractual: toText(row.writtenOff),
        insuranceReceivable: toText(row.withInsurer),
        patientReceivable: toText(row.patientOwes),
        unapplied: toText(row.credit),
      }).toEqual(amounts);
    },
  );

  test.each(stories)(
    'Done 3 story %s: every account of the ledger stands as over FHIR',
    async (_n, visit) => {
      expect(await standing(road.context, visit.encounter)).toEqual(
        await standing(direct.context, visit.encounter),
      );
    },
  );

  test.each(stories)('Done 3 story %s: the same Invoices, line by line', async (_n, { encounter }) => {
    const invoices = async (practice: Practice): Promise<unknown[]> => {
      const found = await practice.search<Invoice>('Invoice');
      const row = await tableRows(practice.context, [encounter]);
      const own = found.filter(({ id }) => row[0]?.invoices.includes(`Invoice/${id ?? ''}`));
      const read = own.map(async (invoice) => ({
        ...{ status: invoice.status, total: invoice.totalNet?.value, date: invoice.date },
        lines: await invoiceLines(practice, invoice),
      }));
      const all = await Promise.all(read);
      return all.sort((a, b) => (a.total ?? 0) - (b.total ?? 0));
    };
    expect(await invoices(road)).toEqual(await invoices(direct));
  });

  const told = oracle.explanations.map(({ eOB }) => eOB);
  test.each(told)(
    'Done 3 claim %s: the explanation has the same totals, and the answer the same lines',
    async (name) => {
      const of = async (practice: Practice): Promise<unknown> => {
        const claim = await claimOf(practice, name.replace(' (header)', ''));
        const answer: ClaimResponse = await answerTo(practice, claim);
        const [eob, ...more] = await explanationsOf(practice, claim);
        if (!eob || more.length > 0) throw new Error(`${more.length + 1} explanations`);
        const categories = [
          'submitted',
          'eligible',
          'discount',
          'noncovered',
          'deductible',
          'coinsurance',
          'copay',
        ];
        const others = ['priorpayerpaid', 'paidtoprovider', 'memberliability', 'paidbypatient'];
        const totals = [...categories, ...others].map((c) => [c, totalOf(eob, c)]);
        return {
          outcome: answer.outcome,
          whole: decisionOf(answer.adjudication ?? []),
          lines: (answer.item ?? []).map((i) => [i.itemSequence, decisionOf(i.adjudication)]),
          totals,
          type: eob.payment?.type?.coding?.[0]?.code,
        };
      };
      expect(await of(road)).toEqual(await of(direct));
    },
  );

  test('Done 3 the books hold what a verification asks of them', async () => {
    const { faults } = await storeFaults(road.context.store, Date.now());
    expect(faults).toEqual([]);
  });
});
