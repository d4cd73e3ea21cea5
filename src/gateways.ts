import type { PayerAnswer, Gateway, Transmission } from './gateway/gateway.ts';
import { fhirGateway } from './gateway/fhir.ts';
import { askServer } from './gateway/fhirEligibility.ts';
import { simulator, type PayerBooks, type Review } from './gateway/simulator.ts';
import { x12Gateway } from './gateway/x12.ts';
import { fhirOutbox } from './operation/partner/fhirOutbox.ts';
import { questionBox } from './operation/eligibility/questionBox.ts';
import { questionServer } from './operation/eligibility/questionServer.ts';
import { outbox } from './operation/partner/outbox.ts';
import { fhirGatewayCode } from './operation/partner/payerServer.ts';
import { isX12 } from './operation/partner/tradingPartner.ts';
import { parseJson, toJson } from './datatypes/json.ts';
import type { Gateways, OperationContext } from './operation/operation.ts';
import {
  keepPayerRecords,
  readMember,
  readPayerRecords,
  type PayerRecords,
} from './operation/submission/payerRecords.ts';
import { payerMemberLock, transmissionKey } from './operation/uniqueKey.ts';
import { memberIdOf } from './payer/enrollment.ts';
import { unversionedText } from './datatypes/sentVersion.ts';

/** The gateways of this server by their codes in CodeSystem/gateway. */
export const shippedGateways: Gateways = (code, context): Gateway | undefined =>
  code === 'simulator'
    ? simulator(booksOf(context))
    : code === fhirGatewayCode
      ? {
          ...fhirGateway(fhirOutbox(context)),
          askEligibility: (question) => askServer(questionServer(context), question),
        }
      : isX12(code)
        ? x12Gateway(outbox(context), questionBox(context))
        : undefined;

/** The records of the simulated payer, kept in the store of the practice. */
function booksOf(context: OperationContext): PayerBooks {
  const { store } = context;
  const answered = async (
    reader: Pick<typeof store, 'recall'>,
    id: string,
  ): Promise<PayerAnswer | undefined> => {
    const kept = await reader.recall(transmissionKey(id));
    return kept && (parseJson(kept.body) as PayerAnswer);
  };
  const reviewed = async (reader: Pick<typeof store, 'recall'>, id: string): Promise<Review | undefined> => {
    const kept = await reader.recall(reviewKey(id));
    return kept && (parseJson(kept.body) as Review);
  };
  return {
    reviewed: (id) => reviewed(store, id),
    now: () => Date.parse(context.now()),
    answered: (id) => answered(store, id),
    member: ({ request, payer, coverage }) =>
      store.transaction((tx) => readMember({ context, tx }, { patient: request.patient, payer, coverage })),
    open: (transmission, work) =>
      store.transaction(async (tx) => {
        await tx.lock(lockOf(transmission));
        let records: PayerRecords | undefined;
        return work({
          answered: () => answered(tx, transmission.id),
          records: async () => (records ??= await readPayerRecords({ context, tx }, transmission)),
          keep: async (said, enrollment) => {
            const before = (records ??= await readPayerRecords({ context, tx }, transmission));
            await keepPayerRecords({ context, tx }, transmission, {
              before,
              after: enrollment,
              decided: said.response.outcome === 'complete',
              reversed: said.takenBack !== undefined,
            });
            await tx.remember(transmissionKey(transmission.id), kept(said));
          },
          reviewed: () => reviewed(tx, transmission.id),
          keepReview: (review) => tx.remember(reviewKey(transmission.id), kept(review)),
        });
      }),
  };
}

const reviewKey = (id: string): string => `payer-review|${id}`;
const kept = (said: PayerAnswer | Review) => ({ bodyHash: '', status: 200, headers: {}, body: toJson(said) });

const lockOf = ({ payer, coverage, claim }: Transmission): string =>
  payerMemberLock(payer, memberIdOf(coverage) ?? unversionedText(claim.patient.reference) ?? '');
