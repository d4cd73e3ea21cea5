import type {
  Claim,
  ClaimItem,
  ClaimResponse,
  ClaimResponseItem,
  ClaimResponseItemAdjudication,
  Extension,
} from '@medplum/fhirtypes';
import { saidAgain } from '../../datatypes/claimAnswer.ts';
import { concept } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { pasExtension } from '../../terminology/pas.ts';
import { extension, system } from '../../terminology/system.ts';
import type { Segment } from '../../x12/segment.ts';
import type { AuthorizationAnswer, Decision, Review, ServiceReview } from './answer278.ts';
import { serviceTrace } from './service278.ts';

/** Where an answer comes from: its file and set, as x12-position names them. */
export interface Source {
  readonly place: string; // '<sha-256>|ST02'
  readonly on: string; // FHIR date
  readonly trace: string; // of the request
}

/** Whether nothing is decided yet: some service is pended, or the event is where none has a word of its own. */
export const isPended = ({ event, services }: AuthorizationAnswer): boolean =>
  [event, ...services].some((review) => review?.decision?.action === 'A4');

/** The answer to a prior authorization, in the shape of Da Vinci PAS. See docs/decision/0040 */
export function decidedBy(claim: Claim, answer: AuthorizationAnswer, source: Source): ClaimResponse {
  const { event, services, rejections } = answer;
  const at = (position: number): Extension => ({
    url: extension.x12Position,
    valueString: `${source.place}|${position.toString()}`,
  });
  const items = itemsOf(claim, answer, { at, trace: source.trace });
  const decision = event?.decision;
  const number = decision?.number ?? '';
  const messages = [event, ...services].flatMap((review) => review?.messages ?? []);
  return changed(
    {
      resourceType: 'ClaimResponse' as const,
      ...extensions([...(decision ? [at(decision.position)] : []), ...(event?.rest ?? []).map(kept)]),
      ...saidAgain(claim, source.on),
      outcome: outcomeOf(answer),
      disposition: dispositionOf(answer),
    },
    {
      ...(number === '' ? {} : { preAuthRef: number }),
      ...(event?.period ? { preAuthPeriod: event.period } : {}),
      ...(items.length === 0 ? {} : { item: items }),
      ...(decision ? { adjudication: [adjudicationOf(decision)] } : {}),
      ...(messages.length === 0
        ? {}
        : {
            processNote: messages.map((text, i) => ({ number: i + 1, type: 'display' as const, text })),
          }),
      ...(rejections.length === 0
        ? {}
        : {
            error: rejections.map(({ code, followUp, position }) => ({
              extension: [
                at(position),
                ...(followUp === ''
                  ? []
                  : [
                      {
                        url: pasExtension.followUp,
                        valueCodeableConcept: concept(system.x12FollowUp, followUp),
                      },
                    ]),
              ],
              code: concept(system.x12RejectReason, code),
            })),
          }),
    },
  );
}

const extensions = (list: readonly Extension[]): { extension?: Extension[] } =>
  list.length === 0 ? {} : { extension: [...list] };

const kept = ({ id, elements }: Segment): Extension => ({
  url: extension.x12Segment,
  valueString: [id, ...elements].join('*'),
});

/** As PAS has it: what is pended is complete as an answer, and says A4. */
function outcomeOf({ event, services, rejections }: AuthorizationAnswer): ClaimResponse['outcome'] {
  const isDecided = [event, ...services].some((review) => review?.decision !== undefined);
  if (rejections.length === 0) return 'complete';
  return isDecided ? 'partial' : 'error';
}

const words: Readonly<Record<string, string>> = {
  A1: 'Certified',
  A3: 'Not certified',
  A4: 'Pended',
  A6: 'Certified with changes',
  CT: 'The payer asks to be called',
  NA: 'No authorization is needed',
};

function dispositionOf({ event, services, rejections }: AuthorizationAnswer): string {
  const actions = [...services, ...(event ? [event] : [])].flatMap(({ decision }) => decision?.action ?? []);
  const named = [...new Set(actions)].map((action) => words[action] ?? `Decided with ${action}`);
  if (named.length > 0) return named.join('; ');
  return rejections.length > 0 ? 'The payer does not answer the request' : 'The payer has decided nothing';
}

/** PAS wants an adjudication of the category "submitted" that carries the decision. */
function adjudicationOf({ action, number, reasons, secondOpinion }: Decision): ClaimResponseItemAdjudication {
  return {
    extension: [
      {
        url: pasExtension.reviewAction,
        extension: [
          {
            url: pasExtension.reviewActionCode,
            valueCodeableConcept: concept(system.x12Action, action),
          },
          ...(number === '' ? [] : [{ url: 'number', valueString: number }]),
          ...reasons.map((reason) => ({
            url: 'reasonCode',
            valueCodeableConcept: concept(system.x12DecisionReason, reason),
          })),
          ...(secondOpinion === undefined
            ? []
            : [{ url: 'secondSurgicalOpinionFlag', valueBoolean: secondOpinion }]),
        ],
      },
    ],
    category: concept(system.adjudication, 'submitted'),
  };
}

interface Placing {
  readonly at: (position: number) => Extension;
  readonly trace: string;
}

/** An item for each service that was decided on; the word on the event is that on services without one of their own. */
function itemsOf(
  claim: Claim,
  { event, services }: AuthorizationAnswer,
  placing: Placing,
): ClaimResponseItem[] {
  const asked = claim.item ?? [];
  const matched = new Map(
    services.map((service, n) => [matchOf(asked, service, { n, trace: placing.trace }), service] as const),
  );
  return asked.flatMap(({ sequence }): ClaimResponseItem[] => {
    const service = matched.get(sequence);
    const decision = service?.decision ?? event?.decision;
    if (!decision) return [];
    const review = service ?? event;
    return [
      {
        ...extensions([placing.at(decision.position), ...(review ? itemExtensions(review, service) : [])]),
        itemSequence: sequence,
        adjudication: [adjudicationOf(decision)],
      },
    ];
  });
}

/** Which item a service answers: by its trace, else by its code, else by its place. */
function matchOf(
  asked: readonly ClaimItem[],
  { traces, service, isNamed }: ServiceReview,
  { n, trace }: { readonly n: number; readonly trace: string },
): number | undefined {
  const byTrace = asked.find(({ sequence }) => traces.includes(serviceTrace(trace, sequence)));
  if (byTrace) return byTrace.sequence;
  const code = service.productOrService.coding?.[0]?.code;
  const byCode = asked.filter(({ productOrService }) =>
    productOrService.coding?.some((c) => c.code === code && code !== undefined),
  );
  if (byCode.length === 1) return byCode[0]?.sequence;
  return isNamed && byCode.length === 0 && code !== undefined ? undefined : asked[n]?.sequence;
}

function itemExtensions(review: Review, service: ServiceReview | undefined): Extension[] {
  const { issued, period, administrationReference, previousAuthorization, traces, rest } = review;
  return [
    ...(issued === undefined ? [] : [{ url: pasExtension.issueDate, valueDate: issued }]),
    ...(period ? [{ url: pasExtension.period, valuePeriod: period }] : []),
    ...(administrationReference === ''
      ? []
      : [{ url: pasExtension.administrationReference, valueString: administrationReference }]),
    ...(previousAuthorization === ''
      ? []
      : [{ url: pasExtension.previousAuthorization, valueString: previousAuthorization }]),
    ...(service
      ? traces.map((value) => ({ url: pasExtension.traceNumber, valueIdentifier: { value } }))
      : []),
    ...(service?.isNamed === true ? [detailOf(service)] : []),
    ...(service ? rest.map(kept) : []),
  ];
}

/** What was authorized, where the payer names it. */
function detailOf({ service }: ServiceReview): Extension {
  const { productOrService, modifier = [], quantity, net } = service;
  return {
    url: pasExtension.authorizedDetail,
    extension: [
      { url: 'productOrServiceCode', valueCodeableConcept: productOrService },
      ...modifier.map((one) => ({ url: 'modifier', valueCodeableConcept: one })),
      ...(quantity ? [{ url: 'quantity', valueQuantity: quantity }] : []),
      ...(net && quantity?.value === 1 ? [{ url: 'unitPrice', valueMoney: net }] : []),
    ],
  };
}
