import { createHash } from 'node:crypto';
import type { Claim, ParametersParameter, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { AdviceReader } from '../../src/billing/remittance/read835.ts';
import type { Advice } from '../../src/billing/remittance/advice.ts';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { sum, type Cents } from '../../src/datatypes/cents.ts';
import type { Entry, LedgerAccount } from '../../src/datatypes/entry.ts';
import type { OperationContext } from '../../src/operation/operation.ts';
import { postingKind } from '../../src/operation/remittance/postAgain.ts';
import { takeRemittance, work } from '../../src/operation/remittance/postingJob.ts';
import { readSource } from '../../src/operation/remittance/readSource.ts';
import type { Received } from '../../src/operation/remittance/receiveAdvice.ts';
import { callOperation } from '../../src/operation/run.ts';
import { system } from '../../src/terminology/system.ts';
import { usualDelimiters, type Segment } from '../../src/x12/segment.ts';
import { chart, dated, practice, type Practice } from '../operation/practice.ts';
import { story1, type Story } from '../payer/stories.ts';

/** A line of an 835: the payer's lines are ours where no other number is given. `why` is like 'CO-45 46.58; PR-3 25'. */
export interface Line {
  readonly code: string;
  readonly charge: number;
  readonly paid: number;
  readonly why?: string;
  readonly number?: string;
  readonly remarks?: readonly string[];
}

/** A CLP of an 835. */
export interface Clp {
  readonly number: string; // CLP01
  readonly status?: string;
  readonly payerNumber?: string;
  readonly lines: readonly Line[];
  readonly why?: string; // CAS of the whole claim
  readonly charge?: number;
  readonly paid?: number;
  readonly more?: readonly string[]; // segments before the lines
  readonly practice?: string; // TS301: it begins the group of claims of this practice
}

export interface Remittance {
  readonly trace: string;
  readonly date?: string;
  readonly clps: readonly Clp[];
  readonly plb?: readonly (readonly [code: string, reference: string, amount: number])[];
  readonly paid?: number; // BPR02, where it is not what the rest adds up to
  readonly handling?: string;
  readonly npi?: string; // of the payee
  readonly tin?: string; // of the payer
  readonly payerId?: string; // N104 of the payer
}

const money = (amount: number): string => String(Math.round(amount * 100) / 100);
const total = (amounts: readonly number[]): number =>
  Math.round(amounts.reduce((a, b) => a + Math.round(b * 100), 0)) / 100;

const adjustments = (why: string | undefined): string[] =>
  (why ?? '').split(';').flatMap((one) => {
    const [code = '', amount = ''] = one.trim().split(' ');
    const [group = '', reason = ''] = code.split('-');
    return reason === '' ? [] : [`CAS*${group}*${reason}*${money(Number(amount))}`];
  });

/** The clinic of the demo practice. */
export const clinicNpi = '1781200468';

export const chargeOf = ({ charge, lines }: Clp): number => charge ?? total(lines.map((l) => l.charge));
export const paidOf = ({ paid, lines, why }: Clp): number => {
  const whole = adjustments(why).map((cas) => Number(cas.split('*')[3]));
  return paid ?? total([...lines.map((l) => l.paid), ...whole.map((w) => -w)]);
};

function segmentsOf(clp: Clp, ordinal: number): string[] {
  const { number, status = '1', payerNumber = `ICN${number}-${ordinal}`, lines, why, more = [] } = clp;
  const { practice } = clp;
  return [
    ...(practice === undefined
      ? []
      : [`LX*${ordinal + 1}`, `TS3*${practice}*11*20261231*1*${money(chargeOf(clp))}`]),
    `CLP*${number}*${status}*${money(chargeOf(clp))}*${money(paidOf(clp))}**12*${payerNumber}*11*1`,
    ...adjustments(why),
    'NM1*QC*1*DOE*SAM',
    ...more,
    ...lines.flatMap((l, i) => [
      `SVC*HC:${l.code}*${money(l.charge)}*${money(l.paid)}**1`,
      ...adjustments(l.why),
      `REF*6R*${l.number ?? `${number}-${i + 1}`}`,
      ...(l.remarks ?? []).map((r) => `LQ*HE*${r}`),
    ]),
  ];
}

/** An 835 as its segments, ST to SE. */
export function remittanceText(of: Remittance): string {
  const { trace, date = '20260204', clps, plb = [], handling, npi = clinicNpi, tin = '941234567' } = of;
  const paid = of.paid ?? total([...clps.map(paidOf), ...plb.map(([, , amount]) => -amount)]);
  const body = [
    'ST*835*0001',
    `BPR*${handling ?? (paid === 0 ? 'H' : 'I')}*${money(paid)}*C*${paid === 0 ? 'NON' : 'ACH'}************${date}`,
    `TRN*1*${trace}*1${tin}`,
    'DTM*405*20260204',
    `N1*PR*JUNIPER RIDGE HEALTH${of.payerId === undefined ? '' : `*XV*${of.payerId}`}`,
    'N3*1 MAIN STREET',
    'N4*SPRINGFIELD*MA*01101',
    'PER*BL*OFFICE*TE*5555551212',
    `N1*PE*ALDER STREET CLINIC*XX*${npi}`,
    'LX*1',
    ...clps.flatMap((clp, i) => segmentsOf(clp, i + 1)),
    ...plb.map(
      ([code, reference, amount]) =>
        `PLB*${npi}*20261231*${reference === '' ? code : `${code}:${reference}`}*${money(amount)}`,
    ),
  ];
  return `${[...body, `SE*${body.length + 1}*0001`].join('~\n')}~\n`;
}

/** The same in an interchange of its own. */
export const interchangeText = (of: Remittance): string =>
  [
    'ISA*00*          *00*          *ZZ*JUNIPER        *ZZ*ALDER          *260204*1200*^*00501*000000001*0*T*:~\n',
    'GS*HP*JUNIPER*ALDER*20260204*1200*1*X*005010X221A1~\n',
    remittanceText(of),
    'GE*1*1~\nIEA*1*000000001~\n',
  ].join('');

/** Splits the segments of a text with the usual delimiters. */
export const segmentsIn = (text: string): Segment[] =>
  text
    .split('~')
    .map((s) => s.trim())
    .filter((s) => s !== '')
    .map((s, i) => {
      const [id = '', ...elements] = s.split('*');
      return { id, elements, position: i + 3, delimiters: usualDelimiters };
    });

export function adviceIn(text: string): Advice {
  const reader = new AdviceReader();
  for (const segment of segmentsIn(text)) reader.take(segment);
  return reader.advice();
}

/** A practice whose claims reach no payer: their answers come by 835. */
export interface Desk extends Practice {
  readonly sent: (id: string, story?: Story, over?: Partial<Claim>) => Promise<string>;
  readonly post: (remittance: Remittance, on?: string) => Promise<Received>;
  /** Calls an operation on a PaymentReconciliation, as its own office. */
  readonly operate: (
    id: string,
    code: 'post' | 'reverse',
    parameters: readonly ParametersParameter[],
  ) => Promise<PaymentReconciliation>;
  /** What stands on a ledger account, in dollars; of a claim where one is named. Debits are positive. */
  readonly stands: (account: LedgerAccount, claim?: string) => Promise<number>;
  readonly entries: () => Promise<Entry[]>;
  readonly tasks: () => Promise<string[]>;
  /** What `npm run verify` finds wrong. */
  readonly faults: () => Promise<readonly string[]>;
}

export async function desk(over: Partial<OperationContext> = {}): Promise<Desk> {
  const p = await practice({ payer: 'none', ...over });
  const { context } = p;
  const entries = async (): Promise<Entry[]> => {
    const all: Entry[] = [];
    for (let after: number | undefined; ;) {
      const page = await context.store.entries({ count: 500, ...(after === undefined ? {} : { after }) });
      all.push(...page.entries);
      after = page.next;
      if (after === undefined) return all;
    }
  };
  return {
    ...p,
    entries,
    sent: async (id, story = story1, claim = {}) => {
      const identifier = [{ system: system.patientControlNumber, value: id.toUpperCase() }];
      await chart(p, story, { id, identifier, ...claim });
      await p.submit(id, dated(story.on.replace(/\d\d$/, '28')));
      return id.toUpperCase();
    },
    post: async (remittance, on = '2026-11-20') => {
      const text = interchangeText(remittance);
      const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
      const data = Buffer.from(text).toString('base64');
      await p.put({ resourceType: 'Binary', id: hash, contentType: 'application/EDI-X12', data });
      const source = { binary: `Binary/${hash}`, hash, position: 3 };
      const advice = await readSource(context.store, source);
      const received = await takeRemittance(context, advice, { on, source });
      // what waited for it is posted in the background
      for (;;) {
        const [lease] = await context.store.jobs.take({ kinds: [postingKind], count: 1 });
        if (!lease) return received;
        await work(context, lease);
      }
    },
    operate: async (id, code, parameters) => {
      const target = { type: 'PaymentReconciliation', id };
      const { body } = await callOperation(context, code, target, [...parameters]);
      return JSON.parse(String(body)) as PaymentReconciliation;
    },
    stands: async (account, claim) => {
      const amounts = (await entries())
        .flatMap((e) => e.postings)
        .filter((x) => x.account === account && (claim === undefined || x.claim === `Claim/${claim}`))
        .map((x): Cents => x.amount);
      return sum(amounts) / 100;
    },
    tasks: async () =>
      (await p.all<Task>('Task'))
        .filter((t) => t.status !== 'completed')
        .map((t) => `${t.code?.coding?.[0]?.code ?? ''} ${t.focus?.reference?.split('/')[0] ?? ''}`)
        .sort(),
    faults: async () => (await storeFaults(context.store, Date.parse(context.now()) + 1000)).faults,
  };
}

/** Story 1 as its payer decides it. */
export const story1Lines: readonly Line[] = [
  { code: 'T1015', charge: 168.45, paid: 96.87, why: 'CO-45 46.58; PR-3 25' },
  { code: 'Q2038', charge: 41.2, paid: 24.66, why: 'CO-45 16.54' },
  { code: 'G0008', charge: 36.75, paid: 28.39, why: 'CO-45 8.36' },
];

/** The reversal of a CLP: every sign turned. Billing rule 62. */
export const reversalOf = (clp: Clp): Clp => ({
  ...clp,
  status: '22',
  lines: clp.lines.map((l) => ({
    ...l,
    charge: -l.charge,
    paid: -l.paid,
    ...(l.why === undefined ? {} : { why: turned(l.why) }),
  })),
  ...(clp.why === undefined ? {} : { why: turned(clp.why) }),
});

const turned = (why: string): string =>
  why
    .split(';')
    .map((one) => {
      const [code = '', amount = ''] = one.trim().split(' ');
      return `${code} ${-Number(amount)}`;
    })
    .join('; ');
