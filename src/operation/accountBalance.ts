import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { accountBalance as figures, type BalanceRow } from '../billing/ledger/index.ts';
import { toMoney, type Cents } from '../datatypes/cents.ts';
import { decided, toOutcome } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { dayOf } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { seenJournal } from './payment/seenJournal.ts';
import { selfPayCharges } from './invoice/selfPay.ts';

/** GET [base]/Account/[id]/$balance: what insurers and the patient owe at the end of a day, straight from the ledger. */
export const accountBalance: Operation = {
  definition: operationDefinition('Account-balance'),
  async run(call): Promise<Parameters> {
    const asOf = dayOf(call.input, 'asOf') ?? call.on;
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const journal = await seenJournal(call, of.journal);
    const balance = figures(journal, asOf, await selfPayCharges(call, { ...of, journal }, asOf));
    const outcome = toOutcome([decided('as-of', undefined, `postings up to ${asOf}`)]);
    return {
      resourceType: 'Parameters',
      parameter: [
        money('insurance', balance.insurance),
        money('patient', balance.patient),
        money('invoiced', balance.invoiced),
        money('unapplied', balance.unapplied),
        money('total', balance.total),
        ...balance.rows.map((row) => ({ name: 'entry', part: partsOf(row) })),
        { name: 'outcome', resource: outcome },
      ],
    };
  },
};

const money = (name: string, amount: Cents): ParametersParameter => ({ name, valueMoney: toMoney(amount) });

const partsOf = ({ date, reason, source, account, part, amount }: BalanceRow): ParametersParameter[] => [
  { name: 'date', valueDate: date },
  { name: 'reason', valueCode: reason },
  { name: 'source', valueReference: { reference: source } },
  { name: 'account', valueCode: account },
  { name: 'part', valueCode: part },
  money('amount', amount),
];
