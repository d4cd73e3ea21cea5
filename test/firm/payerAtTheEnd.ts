import type { Claim, ClaimResponse, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Found, Gateway, PayerAnswer, Sent, Transmission } from '../../src/gateway/gateway.ts';
import { shippedGateways } from '../../src/gateways.ts';
import type { Gateways, OperationContext } from '../../src/operation/operation.ts';
import type { Store } from '../../src/store/store.ts';
import { until } from '../until.ts';
import { kneeOffice, type KneeOffice, type Ran } from './kneeOffice.ts';

/** A payer of a test: what its gateway got, and what it is to say. */
export interface Payer {
  readonly sent: Transmission[];
  readonly asked: string[];
  send: (transmission: Transmission, judge: () => Promise<PayerAnswer>) => Promise<Sent>;
  find: (id: string, judge: () => Promise<PayerAnswer>) => Promise<Found>;
  honoursAnsweredOn: boolean;
  claimTypes: Gateway['claimTypes'];
  readonly gateways: Gateways;
}

/** A payer that judges as the simulator does, unless a test lets it say something else. */
export function scripted(): Payer {
  const payer: Payer = {
    sent: [],
    asked: [],
    send: (_transmission, judge) => judge(),
    find: () => Promise.resolve({ is: 'absent' }),
    honoursAnsweredOn: true,
    claimTypes: ['institutional', 'oral', 'pharmacy', 'professional'],
    gateways: (code, context) => (code === 'simulator' ? gatewayOf(payer, context) : undefined),
  };
  return payer;
}

function gatewayOf(payer: Payer, context: OperationContext): Gateway {
  const judgeOf = (transmission: Transmission | undefined) => async (): Promise<PayerAnswer> => {
    if (!transmission) throw new Error('nothing to judge');
    const answer = await shippedGateways('simulator', context)?.foresee?.(transmission);
    if (!answer) throw new Error('nobody judges');
    return answer;
  };
  return {
    honoursAnsweredOn: payer.honoursAnsweredOn,
    claimTypes: payer.claimTypes,
    send: (transmission) => {
      payer.sent.push(transmission);
      return payer.send(transmission, judgeOf(transmission));
    },
    find: (id) => {
      payer.asked.push(id);
      return payer.find(id, judgeOf(payer.sent.find((t) => t.id === id)));
    },
  };
}

/** The office of the knee visit, its claims going to a payer of a test. */
export interface Sender extends KneeOffice {
  readonly payer: Payer;
  /** Charts and drafts a visit; answers with the path of its claim. */
  draft(name: string): Promise<string>;
  submit(claim: string, more?: readonly ParametersParameter[]): Promise<Ran>;
  response(claim: string): Promise<(ClaimResponse & { id: string }) | undefined>;
  /** How much of each kind a claim has led to. */
  made(claim: string): Promise<Record<string, number>>;
}

export const sentOn: ParametersParameter = { name: 'businessDate', valueDate: '2026-06-05' };

export async function openSender(
  open: () => Promise<Store>,
  over: Partial<OperationContext> = {},
  payer = scripted(),
): Promise<Sender> {
  const office = await kneeOffice(open, { gateways: payer.gateways, ...over });
  const found = async (query: string): Promise<(ClaimResponse & { id: string })[]> => {
    const bundle = (await office.get(query)) as unknown as {
      entry?: { resource: ClaimResponse & { id: string } }[];
    };
    return (bundle.entry ?? []).map((e) => e.resource);
  };
  return {
    ...office,
    payer,
    draft: async (name) => {
      const claim = (await office.run(`${await office.visit(name)}/$generate-claim`, [sentOn])).one<Claim>(
        'claim',
      );
      return `Claim/${claim.id}`;
    },
    submit: (claim, more = []) => office.run(`${claim}/$submit`, [sentOn, ...more]),
    response: async (claim) => (await found(`ClaimResponse?request=${claim}`))[0],
    made: async (claim) => ({
      ClaimResponse: (await found(`ClaimResponse?request=${claim}`)).length,
      ExplanationOfBenefit: (await found(`ExplanationOfBenefit?claim=${claim}`)).length,
      PaymentReconciliation: (await found('PaymentReconciliation')).filter((p) =>
        JSON.stringify(p).includes(`"${claim}"`),
      ).length,
      paid: (await office.journal()).filter(
        (e) => e.reason === 'insurer-payment' && JSON.stringify(e).includes(claim),
      ).length,
    }),
  };
}

export const onceAnswered = { ClaimResponse: 1, ExplanationOfBenefit: 1, PaymentReconciliation: 1, paid: 1 };
export const notAnswered = { ClaimResponse: 1, ExplanationOfBenefit: 0, PaymentReconciliation: 0, paid: 0 };

export { until };

export const parametersOf = (...parameter: ParametersParameter[]): Parameters => ({
  resourceType: 'Parameters',
  parameter,
});
