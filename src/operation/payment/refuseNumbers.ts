import type { Parameters } from '@medplum/fhirtypes';
import type { Permission } from '../../access/permission.ts';
import { numbersOfMoney } from '../../billing/payment/numberOfMoney.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { wrongValue } from '../../outcome/issue.ts';
import type { Operation } from '../operation.ts';

/** What operations do with payments. */
const ofPayments: readonly (Permission | undefined)[] = [
  ...(['record-payment', 'reverse-payment', 'refund', 'write-off', 'collect', 'approve'] as const),
];

/** 422 where a text holds the number of a card or bank account: only a processor keeps those. It is not repeated. */
function refuse(value: unknown, at: string): void {
  const found = numbersOfMoney(value, at);
  if (found.length === 0) return;
  throw unprocessable(
    found.map((one) =>
      wrongValue(
        'number-of-money',
        one.at,
        `this looks like the number of a ${one.kind}: it is not kept here, a token of the processor is`,
      ),
    ),
  );
}

/** Looks at everything that an operation about payments is told. */
export function refuseNumbers({ permission }: Operation, input: Parameters): void {
  if (ofPayments.includes(permission)) refuse(input.parameter, 'Parameters.parameter');
}

/** Looks at everything that a client writes about payments. */
export const numberHook: WriteHook = {
  types: ['Account', 'Communication', 'Contract', 'Invoice', 'PaymentNotice', 'Task'],
  run(_context, _tx, { after, by }) {
    if (by !== 'operation' && after) refuse(after, after.resourceType);
    return Promise.resolve(undefined);
  },
};
