import { evenInstalments, rhythms, type Instalment } from '../../billing/collection/plan.ts';
import { readAmount } from '../../billing/payment/amount.ts';
import { sum, toText, type Cents } from '../../datatypes/cents.ts';
import { addMonths } from '../../datatypes/date.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, missing, unknownCode, wrongValue, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { parameter, parameters } from '../parameters.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
const countMax = 120;

interface PlanTold {
  readonly instalments: readonly Instalment[];
  readonly autopay: { readonly processor: string; readonly token: string } | undefined;
}

/** Reads how an amount is paid in instalments; 422 with every fault at once. */
export function planInput(call: Pick<Call, 'input' | 'on'>, total: Cents): PlanTold {
  const faults: Issue[] = [];
  const told = readInstalments(call, faults);
  const even = evenOnes(call, total, faults);
  if (told.length > 0 === (even !== undefined))
    faults.push(
      businessFault(
        'instalments-or-count',
        'Parameters.parameter',
        'give instalments, or the count of even ones',
      ),
    );
  const instalments = told.length > 0 ? told : (even ?? []);
  const added = sum(instalments.map((one) => one.amount));
  if (faults.length === 0 && added !== total) {
    const text = `the instalments add up to ${toText(added)}, and ${toText(total)} is open`;
    faults.push(businessFault('instalments-differ', 'Parameters.parameter', text));
  }
  faults.push(...orderFaults(instalments, call.on));
  const autopay = autopayOf(call, faults);
  if (faults.length > 0) throw unprocessable(faults);
  return { instalments, autopay };
}

function readInstalments({ input }: Pick<Call, 'input'>, faults: Issue[]): Instalment[] {
  return (input.parameter ?? []).flatMap((given, i): Instalment[] => {
    if (given.name !== 'instalment') return [];
    const place = `Parameters.parameter[${i}].part.where(name='amount').value`;
    const part = (name: string) => given.part?.find((p) => p.name === name);
    const amount = readAmount(part('amount')?.valueMoney, place);
    if (typeof amount === 'number') return [{ due: part('due')?.valueDate ?? '', amount }];
    faults.push(amount);
    return [];
  });
}

/** So many even instalments; undefined where no number is told. */
function evenOnes(
  { input, on }: Pick<Call, 'input' | 'on'>,
  total: Cents,
  faults: Issue[],
): Instalment[] | undefined {
  const count = parameter(input, 'count')?.valuePositiveInt;
  const said = parameter(input, 'every')?.valueCode ?? 'month';
  const every = rhythms.find((one) => one === said);
  if (!every) faults.push(unknownCode('plan-rhythm', at('every'), `it is one of ${rhythms.join(', ')}`));
  if (count === undefined) return undefined;
  if (count > countMax || count > total) {
    faults.push(
      wrongValue('too-many-instalments', at('count'), `at most ${Math.min(countMax, total)} instalments`),
    );
    return [];
  }
  const first = parameter(input, 'first')?.valueDate ?? addMonths(on, 1);
  return evenInstalments(total, { count, first, every: every ?? 'month' });
}

const orderFaults = (instalments: readonly Instalment[], on: string): Issue[] => [
  ...(instalments.some((one) => one.due.length !== 10 || one.due < on)
    ? [businessFault('instalment-in-past', 'Parameters.parameter', `an instalment is due before ${on}`)]
    : []),
  ...(instalments.some((one, i) => i > 0 && one.due <= (instalments[i - 1]?.due ?? ''))
    ? [
        businessFault(
          'instalments-out-of-order',
          'Parameters.parameter',
          'the due days of instalments ascend',
        ),
      ]
    : []),
];

/** A processor and its token: one of both alone says nothing. */
function autopayOf({ input }: Pick<Call, 'input'>, faults: Issue[]): PlanTold['autopay'] {
  const by = parameters(input, 'processor')[0]?.valueString?.trim() ?? '';
  const token = parameters(input, 'token')[0]?.valueString?.trim() ?? '';
  if (by !== '' && token !== '') return { processor: by, token };
  if (by !== '' || token !== '')
    faults.push(
      missing('autopay-incomplete', 'Parameters.parameter', 'a processor and its token are told together'),
    );
  return undefined;
}
