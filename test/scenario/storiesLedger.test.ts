import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Basic, ChargeItem, Parameters, PaymentNotice } from '@medplum/fhirtypes';
import { tableRows, totalOf, type Row } from '../../src/command/seed/tableRows.ts';
import { readClock } from '../../src/command/seed/clock.ts';
import { table } from '../../src/command/table.ts';
import { add, fromMoney, subtract, sum, toText, zero, type Cents } from '../../src/datatypes/cents.ts';
import type { Entry, LedgerAccount } from '../../src/datatypes/entry.ts';
import { extension } from '../../src/terminology/system.ts';
import { oracle } from './oracle.ts';
import { openPractice, type Practice } from './practice.ts';
import { accountWord, journalRows, text } from './reading.ts';

let practice: Practice;
let rows: Row[];
beforeAll(async () => {
  practice = await openPractice();
  rows = await tableRows(
    practice.context,
    readClock().map(({ encounter }) => encounter),
  );
});

const accountOf = async (story: number): Promise<string> => {
  const visit = `Encounter/story-${String(story).padStart(2, '0')}`;
  const charges = await practice.search<ChargeItem>(`ChargeItem?context=${visit}`);
  return charges[0]?.account?.[0]?.reference ?? 'none';
};
const journalOf = async (story: number): Promise<Entry[]> =>
  practice.context.store.journal(await accountOf(story));

async function wholeJournal(): Promise<Entry[]> {
  const all: Entry[] = [];
  for (let after: number | undefined; ;) {
    const page = await practice.context.store.entries({
      count: 50,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page.entries);
    if (page.next === undefined) return all;
    after = page.next;
  }
}

const part = (answer: Parameters, name: string): string =>
  text(answer.parameter?.find((p) => p.name === name)?.valueMoney);

describe('the ledger at the end', () => {
  test.each(oracle.ledger.filter(({ story }) => story !== 'Σ'))(
    'story $story: charges, cash, write-off and what is owed by whom',
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

  test('the total row is the sum of the stories', () => {
    const total = totalOf(rows);
    expect({
      charges: toText(total.charge),
      insurerCash: toText(total.insurerPaid),
      patientCash: toText(total.patientPaid),
      contractual: toText(total.writtenOff),
      insuranceReceivable: toText(total.withInsurer),
      patientReceivable: toText(total.patientOwes),
      unapplied: toText(total.credit),
      story: 'Σ',
    }).toEqual(oracle.ledger.at(-1));
  });

  test('every line of the table adds up: charge = paid + written off + with insurer + owed − credit', () => {
    for (const r of rows) {
      const others = sum([r.insurerPaid, r.writtenOff, r.withInsurer, r.patientPaid, r.patientOwes]);
      expect(toText(r.charge)).toBe(toText(subtract(others, r.credit)));
    }
  });

  test('the printed table has every story with its figures, and a link to each Invoice', async () => {
    const printed = await table(practice.context);
    const [figures = '', links = ''] = printed.split('\n\nInvoices\n');
    const lines = figures.split('\n');
    expect(lines.find((line) => line.startsWith('Agnes Holloway'))).toMatch(
      /2026-02-03 Encounter\/story-09 +9,630\.96 +4,925\.26 +2,793\.51 +0\.00 +0\.00 +1,912\.19 +0\.00$/,
    );
    expect(links).toMatch(/^Agnes Holloway +http.*\/fhir\/Invoice\//m);
    expect(lines.at(-1)).toMatch(
      /^Total +19,999\.91 +7,425\.51 +5,128\.83 +4,176\.90 +185\.00 +3,112\.41 +28\.74$/,
    );
    expect(printed.match(/\/fhir\/Invoice\//g)).toHaveLength(8);
  });

  test('the trial balance is 20,028.65 on both sides', async () => {
    const totals = new Map<LedgerAccount, Cents>();
    for (const { postings } of await wholeJournal()) {
      for (const { account, amount } of postings)
        totals.set(account, add(totals.get(account) ?? zero, amount));
    }
    const sides = [...totals.values()];
    expect(toText(sum(sides.filter((amount) => amount > 0)))).toBe('20,028.65');
    expect(toText(sum(sides.filter((amount) => amount < 0)))).toBe('-20,028.65');
    expect(toText(totals.get('cash') ?? zero)).toBe('7,610.51');
  });

  test('patients paid 185.00 by three receipts', async () => {
    const receipts = await practice.search<PaymentNotice>('PaymentNotice');
    expect(receipts).toHaveLength(3);
    expect(toText(sum(receipts.map(({ amount }) => fromMoney(amount))))).toBe('185.00');
  });
});

describe('$balance', () => {
  test.each(oracle.ledger.filter(({ story }) => story !== 'Σ'))(
    'story $story: what insurers and the patient owe, and the credit',
    async ({ story, insuranceReceivable, patientReceivable, unapplied }) => {
      const answer = await practice.read<Parameters>(`${await accountOf(Number(story))}/$balance`);
      expect([part(answer, 'insurance'), part(answer, 'patient'), part(answer, 'unapplied')]).toEqual([
        insuranceReceivable,
        patientReceivable,
        unapplied,
      ]);
      expect(part(answer, 'invoiced')).toBe(patientReceivable);
    },
  );

  test.each(oracle.payments10)(
    'story 10 on $date: open on the Invoice $openOnTheInvoice, credit $unappliedCredit',
    async (step) => {
      const answer = await practice.read<Parameters>(`${await accountOf(10)}/$balance?asOf=${step.date}`);
      const open = step.openOnTheInvoice === '–' ? '0.00' : step.openOnTheInvoice;
      expect([part(answer, 'invoiced'), part(answer, 'unapplied')]).toEqual([open, step.unappliedCredit]);
    },
  );

  test('story 10 ends at a credit: total −28.74', async () => {
    const answer = await practice.read<Parameters>(`${await accountOf(10)}/$balance`);
    expect(part(answer, 'total')).toBe('-28.74');
  });
});

describe('the journal', () => {
  const withoutReason = ({ on, debit, credit, amount }: (typeof oracle.journal10)[number]) => ({
    on,
    debit,
    credit,
    amount,
  });

  test('story 10 has exactly the rows of the oracle', async () => {
    expect(journalRows(await journalOf(10))).toEqual(oracle.journal10.map(withoutReason));
  });

  test('story 7 has exactly the rows of the oracle, each payer apart', async () => {
    const plan: Readonly<Record<string, string>> = {
      'Organization/federal-senior': ', Senior Basic',
      'Organization/juniper-ridge': ', PPO',
    };
    const named = (account: LedgerAccount, payer: string | undefined): string =>
      accountWord(account) +
      (account.startsWith('receivable-insurance') ? (plan[payer ?? ''] ?? ' of nobody') : '');
    expect(journalRows(await journalOf(7), named)).toEqual(oracle.journal7.map(withoutReason));
  });

  test('story 4: the denial only moves 3,964.50 from open to denied', async () => {
    expect(journalRows(await journalOf(4))).toEqual([
      { on: '2026-04-22', debit: 'receivable, unbilled', credit: 'revenue', amount: '3,964.50' },
      { on: '2026-04-23', debit: 'insurance receivable', credit: 'receivable, unbilled', amount: '3,964.50' },
      {
        on: '2026-05-07',
        debit: 'insurance receivable, denied',
        credit: 'insurance receivable',
        amount: '3,964.50',
      },
    ]);
  });

  test('story 5: PR-27 moves the whole charge from the insurer to the patient', async () => {
    expect(journalRows(await journalOf(5))).toEqual([
      { on: '2026-05-14', debit: 'receivable, unbilled', credit: 'revenue', amount: '198.15' },
      { on: '2026-05-15', debit: 'insurance receivable', credit: 'receivable, unbilled', amount: '198.15' },
      {
        on: '2026-05-29',
        debit: 'patient receivable, not invoiced',
        credit: 'insurance receivable',
        amount: '198.15',
      },
      {
        on: '2026-05-29',
        debit: 'patient receivable, invoiced',
        credit: 'patient receivable, not invoiced',
        amount: '198.15',
      },
    ]);
  });

  test('story 8: the Invoice takes the charges from unbilled to the patient', async () => {
    expect(journalRows(await journalOf(8))).toEqual([
      { on: '2026-02-17', debit: 'receivable, unbilled', credit: 'revenue', amount: '213.05' },
      {
        on: '2026-02-18',
        debit: 'patient receivable, invoiced',
        credit: 'receivable, unbilled',
        amount: '213.05',
      },
    ]);
  });
});

describe('what the payers have on their books afterwards', () => {
  const used = async (member: string, kind: string): Promise<string> => {
    const { extension: list = [] } = await practice.read<Basic>(`Basic/enrollment-${member}`);
    const found = list.filter(
      (e) =>
        e.url === extension.accumulator && e.extension?.some((x) => x.url === 'kind' && x.valueCode === kind),
    );
    return text(found.at(-1)?.extension?.find(({ url }) => url === 'used')?.valueMoney);
  };

  test.each([
    [1, 'jrh100234501', '0.00', '25.00'],
    [2, 'jrh100871102', '822.88', '897.88'], // 847.88 when the copay counts as deductible
    [3, 'jrh100442901', '1,500.00', '4,000.00'],
    [4, 'jrh100598801', '1,500.00', '2,310.00'],
    [7, 'jrh100110701', '1,500.00', '1,740.00'],
    [10, 'jrh100655301', '1,500.00', '1,768.61'],
  ])('story %d: deductible and limit used by %s', async (_story, member, deductible, limit) => {
    expect([await used(member, 'deductible'), await used(member, 'out-of-pocket')]).toEqual([
      deductible,
      limit,
    ]);
  });

  test('story 9: the outpatient deductible is met, and that of the stay', async () => {
    expect(await used('3tr7wx8yk21', 'deductible')).toBe('257.00');
    expect(await used('3tr7wx8yk21', 'inpatient-deductible')).toBe('1,676.00');
  });
});
