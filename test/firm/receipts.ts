import type { Invoice, ParametersParameter, PaymentNotice } from '@medplum/fhirtypes';
import { cents } from '../../src/datatypes/cents.ts';
import { captureVisit, openPractice, type Practice } from '../fixture/answeredVisit.ts';
import { checkBooks, readBooks } from '../fixture/invariant.ts';
import type { Store } from '../../src/store/store.ts';
import { openFirm, type Answer, type Firm } from './overHttp.ts';

/** A clinic with two patients, a and b, who pay by themselves. */
export interface Office extends Firm {
  readonly patient: Practice;
  readonly neighbour: Practice;
  /** An Invoice of an amount in cents for a new visit, of patient a or b. */
  invoice(amount: number, whose?: 'a' | 'b', on?: string): Promise<string>;
  /** $record-payment in dollars; by check unless said otherwise. */
  pay(at: string, amount: number, reference: string | undefined, more?: Paid): Promise<Answer>;
  open(invoice: string): Promise<string | undefined>;
  balance(name: string, whose?: 'a' | 'b'): Promise<number | undefined>;
  /** Checks every money invariant of both Accounts. */
  check(): Promise<void>;
}

export interface Paid {
  readonly method?: string;
  readonly on?: string;
  readonly more?: readonly ParametersParameter[];
}

export const money = (amount: number): ParametersParameter => ({
  name: 'amount',
  valueMoney: { value: amount, currency: 'USD' },
});

export const code = (name: string, valueCode: string): ParametersParameter => ({ name, valueCode });

export const day = (valueDate: string): ParametersParameter => ({ name: 'businessDate', valueDate });

export const allocation = (invoice: string, amount: number): ParametersParameter => ({
  name: 'allocation',
  part: [{ name: 'invoice', valueReference: { reference: invoice } }, money(amount)],
});

export const nameOf = (answer: Answer, parameter: string): string => {
  const [resource] = answer.all<Invoice | PaymentNotice>(parameter);
  return `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`;
};

export async function openOffice(store: () => Promise<Store>): Promise<Office> {
  const firm = await openFirm(store);
  const patient = await openPractice(firm.context, 'a');
  const neighbour = await openPractice(firm.context, 'b');
  let visits = 0;
  return {
    ...firm,
    patient,
    neighbour,
    invoice: async (amount, whose = 'a', on = '2026-03-02') => {
      const name = `visit-${(visits += 1)}`;
      const practice = whose === 'a' ? patient : neighbour;
      await captureVisit(practice, { name, on, charges: [cents(amount)] });
      return nameOf(await firm.call(`Encounter/${name}/$generate-invoice`, [day(on)]), 'invoice');
    },
    pay: (at, amount, reference, { method = 'check', on = '2026-04-01', more = [] } = {}) =>
      firm.call(`${at}/$record-payment`, [
        money(amount),
        code('method', method),
        ...(reference === undefined ? [] : [{ name: 'reference', valueString: reference }]),
        day(on),
        ...more,
      ]),
    open: async (invoice) => (await firm.get<Invoice>(invoice)).status,
    balance: async (name, whose = 'a') => {
      const answer = await firm.get<{ parameter: ParametersParameter[] }>(`Account/${whose}/$balance`);
      return answer.parameter.find((p) => p.name === name)?.valueMoney?.value;
    },
    check: async () => {
      for (const { account } of [patient, neighbour]) {
        checkBooks(await readBooks(firm.context.store, account));
      }
    },
  };
}
