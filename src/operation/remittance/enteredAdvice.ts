import type { Organization, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Advice, AdviceAdjustment, AdviceClaim, AdviceLine } from '../../billing/remittance/advice.ts';
import { lineControlNumber } from '../../billing/remittance/matchLines.ts';
import { centsOf, zero, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { isDate } from '../../datatypes/date.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { missing, unknownCode, unresolved, wrongValue, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { parameters } from '../parameters.ts';
import { claimAt, numberOf } from './matchClaim.ts';

/** A parameter, where it stands, and the faults that are found. */
export interface Given {
  readonly given: ParametersParameter | undefined;
  readonly at: string;
  readonly faults: Issue[];
}

const part = ({ given }: Given, name: string): ParametersParameter | undefined =>
  given?.part?.find((p) => p.name === name);
const place = (at: string, name: string): string => `${at}.part.where(name='${name}').value`;
const each = (of: Given, name: string): Given[] =>
  (of.given?.part ?? [])
    .filter((p) => p.name === name)
    .map((given, i) => ({ given, at: `${of.at}.part.where(name='${name}')[${i}]`, faults: of.faults }));

function money(of: Given, name: string): Cents {
  const amount = centsOf(part(of, name)?.valueMoney);
  if (amount === undefined)
    of.faults.push(
      wrongValue('malformed-amount', place(of.at, name), 'an amount in US dollars and whole cents'),
    );
  return amount ?? zero;
}

const text = (of: Given, name: string): string | undefined => {
  const p = part(of, name);
  const value = (p?.valueString ?? p?.valueCode)?.trim();
  return value === '' ? undefined : value;
};

/** The adjustments that are given with a claim or a line. */
export const adjustmentsIn = (of: Given): (AdviceAdjustment & { readonly line?: number })[] =>
  each(of, 'adjustment').flatMap((one) => {
    const group = text(one, 'group');
    const reason = text(one, 'reason') ?? '';
    const amount = money(one, 'amount');
    const line = part(one, 'line')?.valuePositiveInt;
    if (group !== 'CO' && group !== 'PR' && group !== 'OA' && group !== 'PI') {
      one.faults.push(
        unknownCode('adjustment-group', place(one.at, 'group'), 'the group is CO, PR, OA or PI'),
      );
      return [];
    }
    if (!/^[0-9A-Z]{1,5}$/.test(reason)) {
      one.faults.push(
        wrongValue('adjustment-reason', place(one.at, 'reason'), 'a claim adjustment reason code'),
      );
      return [];
    }
    return [{ group, reason, amount, ...(line === undefined ? {} : { line }) }];
  });

/** A payment that was entered by hand, as if it had come as an 835; 422 with all that is wrong with it. */
export async function enteredAdvice(call: Call, input: Parameters): Promise<Advice> {
  const faults: Issue[] = [];
  const [given] = parameters(input, 'payment');
  const payment: Given = { given, at: "Parameters.parameter.where(name='payment')", faults };
  const trace = text(payment, 'trace') ?? '';
  const date = part(payment, 'date')?.valueDate ?? '';
  if (trace === '')
    faults.push(missing('trace-missing', place(payment.at, 'trace'), 'a payment has a number'));
  if (!isDate(date))
    faults.push(wrongValue('malformed-value', place(payment.at, 'date'), 'the date must be a full date'));
  const paid = money(payment, 'amount');
  if (paid < 0)
    faults.push(wrongValue('malformed-amount', place(payment.at, 'amount'), 'a payment is not below zero'));
  const payer = await party(call, payment, 'payer');
  const payee = await party(call, payment, 'payee');
  const claims: AdviceClaim[] = [];
  for (const [i, one] of parameters(input, 'claim').entries()) {
    const at = `Parameters.parameter.where(name='claim')[${i}]`;
    claims.push(await enteredClaim(call, { given: one, at, faults }, i + 1));
  }
  const adjustments = parameters(input, 'adjustment').map((one, i) => {
    const of: Given = { given: one, at: `Parameters.parameter.where(name='adjustment')[${i}]`, faults };
    const reference = text(of, 'reference');
    return {
      ...{ position: 0, ordinal: i + 1, provider: '', code: text(of, 'code') ?? '' },
      amount: money(of, 'amount'),
      ...(reference === undefined ? {} : { reference }),
    };
  });
  if (faults.length > 0) throw unprocessable(faults);
  const method = text(payment, 'method');
  return {
    ...{ set: 'entered', handling: 'I', paid, date, trace, payer, payee, claims, adjustments, faults: [] },
    method: method === 'ach' ? 'ACH' : method === 'other' ? 'BOP' : 'CHK',
  };
}

async function party(call: Call, of: Given, name: string): Promise<Advice['payer']> {
  const reference = part(of, name)?.valueReference?.reference;
  const organization = await resolve<Organization>(call.tx, 'Organization', { reference });
  if (!organization) {
    of.faults.push(
      unresolved('organization-unknown', place(of.at, name), 'names no Organization that is here'),
    );
    return { ids: [] };
  }
  const number = identifierOf(organization, system.payerId);
  const tin = identifierOf(organization, system.taxId);
  return {
    reference: referenceText(organization),
    ids: [{ qualifier: 'XV', value: number ?? referenceText(organization) }],
    ...(organization.name === undefined ? {} : { name: organization.name }),
    ...(tin === undefined || name === 'payer' ? {} : { tin }),
  };
}

async function enteredClaim(call: Call, of: Given, ordinal: number): Promise<AdviceClaim> {
  const reference = part(of, 'claim')?.valueReference?.reference;
  const claim = await claimAt(call.tx, reference);
  if (reference !== undefined && !claim)
    of.faults.push(unresolved('claim-unknown', place(of.at, 'claim'), 'names no Claim that is here'));
  const number = claim ? numberOf(claim) : (text(of, 'number') ?? '');
  if (reference === undefined && number === '')
    of.faults.push(missing('claim-missing', of.at, 'name the Claim, or give its number'));
  const payerNumber = text(of, 'payerNumber');
  const target = parseReference(reference);
  return {
    ...{ ordinal, position: 0, patientControlNumber: number, status: text(of, 'status') ?? '1' },
    ...{ charge: money(of, 'charge'), paid: money(of, 'paid'), adjustments: adjustmentsIn(of) },
    ...(payerNumber === undefined ? {} : { payerControlNumber: payerNumber }),
    remarks: each(of, 'remark').flatMap(({ given }) => given?.valueCode ?? []),
    lines: each(of, 'line').map((line): AdviceLine => {
      const sequence = part(line, 'sequence')?.valuePositiveInt ?? 0;
      const item = claim?.item?.find((i) => i.sequence === sequence);
      if (target && !item)
        line.faults.push(
          unresolved('line-unknown', place(line.at, 'sequence'), 'names no line of the Claim'),
        );
      const code = codeOf(item?.productOrService, system.hcpcs, system.cpt);
      return {
        ...{ position: 0, modifiers: [], charge: money(line, 'charge'), paid: money(line, 'paid') },
        ...(code === undefined ? {} : { code }),
        controlNumber: claim ? lineControlNumber(claim, sequence) : `${number}-${sequence}`,
        adjustments: adjustmentsIn(line),
        remarks: each(line, 'remark').flatMap(({ given }) => given?.valueCode ?? []),
      };
    }),
    faults: [],
  };
}
