import type { Invoice } from '@medplum/fhirtypes';
import { add, cents, fromMoney, subtract, type Cents } from '../../../datatypes/cents.ts';
import { addDays } from '../../../datatypes/date.ts';
import type { Paying } from './profile.ts';
import { money, type Answered, type Steps } from './steps.ts';

/** One thing that the patient or the office does about an Invoice: when, and what. */
interface Act {
  readonly after: number; // days from the Invoice
  readonly run: (day: string) => Promise<unknown>;
}

interface Billed {
  readonly steps: Steps;
  readonly name: string; // what the office's numbers begin with
  readonly account: string; // Account/x
  readonly invoice: Invoice;
}

const half = (amount: Cents): Cents => cents(Math.trunc(amount / 2));
const tooMuch = cents(2_000);
const small = cents(287);

/** A day's step: the generator gives the day before it is done, so that a year ends where it ends. */
export type Days = AsyncGenerator<string, void, undefined>;

/** Pays an Invoice as the patient does, or gives it up. */
export async function* paidAs(paying: Paying, billed: Billed): Days {
  const issued = billed.invoice.date?.slice(0, 10) ?? '';
  for (const { after, run } of actsOf(paying, billed)) {
    const day = addDays(issued, after);
    yield day;
    await run(day);
  }
}

function actsOf(paying: Paying, billed: Billed): Act[] {
  const { invoice, name, account, steps } = billed;
  const total = fromMoney(invoice.totalNet ?? {});
  const pay = (after: number, amount: Cents, method = 'card', n = 1): Act => ({
    after,
    run: (day) => paid(steps, `Invoice/${invoice.id ?? ''}`, { day, amount, method, reference: `${name}-${String(n)}` }),
  });
  const give = (after: number, amount: Cents, reason: string): Act => ({
    after,
    run: (day) =>
      steps.call(day, `Invoice/${invoice.id ?? ''}/$write-off`, [
        money(amount),
        { name: 'reason', valueCode: reason },
        { name: 'reference', valueString: `WO-${name}` },
      ]),
  });
  const refund: Act = {
    after: 31,
    run: (day) =>
      steps.call(day, `${account}/$refund`, [
        money(tooMuch),
        { name: 'method', valueCode: 'check' },
        { name: 'reference', valueString: `RF-${name}` },
      ]),
  };
  const acts: Readonly<Record<Paying, readonly Act[]>> = {
    nothing: [],
    'in full': [pay(21, total)],
    'check-in': [pay(17, total)],
    half: [pay(24, half(total))],
    'in two parts': [pay(14, half(total)), pay(44, subtract(total, half(total)), 'card', 2)],
    'too much': [pay(12, add(total, tooMuch), 'check'), refund],
    ahead: [pay(12, add(total, tooMuch), 'check')],
    bounced: bouncing(billed, pay(10, total, 'check'), pay(35, total, 'card', 2)),
    'bad debt': [give(150, total, 'bad-debt')],
    charity: [give(40, total, 'charity')],
    'small balance': [pay(20, subtract(total, small)), give(60, small, 'small-balance')],
  };
  return total > small ? [...acts[paying]] : [];
}

/** A check that is taken back six days later, and a card that is not. */
function bouncing({ steps }: Billed, check: Act, card: Act): Act[] {
  let receipt = '';
  return [
    { after: check.after, run: async (day) => void (receipt = receiptIn((await check.run(day)) as Answered)) },
    {
      after: check.after + 6,
      run: (day) => steps.call(day, `PaymentNotice/${receipt}/$reverse`, [{ name: 'reason', valueString: 'the check bounced' }]),
    },
    card,
  ];
}

const receiptIn = (answer: Answered): string => answer.of('receipt')[0]?.id ?? '';

interface Payment {
  readonly day: string;
  readonly amount: Cents;
  readonly method: string;
  readonly reference: string;
}

export const paid = (steps: Steps, target: string, { day, amount, method, reference }: Payment): Promise<Answered> =>
  steps.call(day, `${target}/$record-payment`, [
    money(amount),
    { name: 'method', valueCode: method },
    { name: 'reference', valueString: reference },
  ]);
