import type {
  CodeableConcept,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  CoverageEligibilityResponseInsurance,
  CoverageEligibilityResponseInsuranceItem,
  CoverageEligibilityResponseInsuranceItemBenefit,
  Extension,
} from '@medplum/fhirtypes';
import { exactCents, toMoney } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { concept } from '../../datatypes/coding.ts';
import { referenceTo } from '../../datatypes/reference.ts';
import { extension, system } from '../../terminology/system.ts';
import { element } from '../../x12/segment.ts';
import { amountOf, decimalText, numberOf } from '../../x12/value.ts';
import { segmentText, type Benefit, type EligibilityAnswer } from './answer271.ts';
import { benefitTypes, both, networks, serviceOf, terms, units } from './codes.ts';

/** Where an answer comes from: its file and set, as x12-position names them. */
export interface Source {
  readonly place: string; // '<sha-256>|ST02'
  readonly on: string; // FHIR date
}

/** EB01: active in one way or another, inactive, and the services that a plan leaves out. */
const active = /^[1-5]$/;
const inactive = /^[6-8]$/;
const excluded = 'I';
const otherPayer = 'R';

/** The answer to a request, as FHIR has it. Billing 4.3 */
export function responseOf(
  request: CoverageEligibilityRequest,
  answer: EligibilityAnswer,
  { place, on }: Source,
): CoverageEligibilityResponse {
  const { benefits, rejections, member, period, rest } = answer;
  const at = (position: number): Extension => ({
    url: extension.x12Position,
    valueString: `${place}|${position.toString()}`,
  });
  const insurance = request.insurance?.find(({ focal }) => focal === true) ?? request.insurance?.[0];
  const inforce = isActiveOf(benefits);
  const covered: CoverageEligibilityResponseInsurance = {
    coverage: {
      ...insurance?.coverage,
      ...(member === '' ? {} : { identifier: { system: system.memberId, value: member } }),
    },
    ...(inforce === undefined ? {} : { inforce }),
    ...(period ? { benefitPeriod: period } : {}),
    item: benefits.flatMap((benefit) => itemsOf(benefit, at)),
  };
  const served = request.servicedDate ?? request.servicedPeriod;
  return changed(
    {
      resourceType: 'CoverageEligibilityResponse' as const,
      ...(rest.length === 0 ? {} : { extension: rest.map(kept) }),
      status: 'active' as const,
      purpose: request.purpose,
      patient: request.patient,
      ...(served === undefined
        ? {}
        : typeof served === 'string'
          ? { servicedDate: served }
          : { servicedPeriod: served }),
      created: on,
      ...(request.provider ? { requestor: request.provider } : {}),
      request: referenceTo(request),
      outcome: outcomeOf(answer),
      disposition: dispositionOf(answer, inforce),
      insurer: request.insurer,
    },
    {
      ...(benefits.length === 0 ? {} : { insurance: [covered] }),
      ...(rejections.length === 0
        ? {}
        : {
            error: rejections.map(({ code, followUp, position }) => ({
              extension: [at(position)],
              code: {
                coding: [
                  { system: system.x12RejectReason, code },
                  ...(followUp === '' ? [] : [{ system: system.x12FollowUp, code: followUp }]),
                ],
              },
            })),
          }),
    },
  );
}

const outcomeOf = ({ benefits, rejections }: EligibilityAnswer): CoverageEligibilityResponse['outcome'] => {
  if (rejections.length === 0) return 'complete';
  return benefits.length === 0 ? 'error' : 'partial';
};

function dispositionOf({ rejections }: EligibilityAnswer, inforce: boolean | undefined): string {
  if (inforce !== undefined) return inforce ? 'The coverage is active' : 'The coverage is not active';
  const codes = rejections.map(({ code }) => code).join(', ');
  return codes === ''
    ? 'The payer does not say whether the coverage is active'
    : `The payer does not answer (${codes})`;
}

/** In force where something of the plan is active; what says nothing of that leaves it open. */
function isActiveOf(benefits: readonly Benefit[]): boolean | undefined {
  if (benefits.some(({ code }) => active.test(code))) return true;
  return benefits.some(({ code }) => inactive.test(code)) ? false : undefined;
}

const kept = (segment: Parameters<typeof segmentText>[0]): Extension => ({
  url: extension.x12Segment,
  valueString: segmentText(segment),
});

/** An item for each service type of an EB, one where it names a service or nothing. */
function itemsOf(
  benefit: Benefit,
  at: (position: number) => Extension,
): CoverageEligibilityResponseInsuranceItem[] {
  const { code, level, plan, period, network, authorization, messages, service } = benefit;
  const [qualifier = '', number = '', ...modifiers] = service;
  const product = serviceOf(qualifier, number);
  const isUnplaced = service.length > 0 && !product;
  const shared = {
    extension: [
      at(benefit.position),
      ...(code === otherPayer ? benefit.rest.flatMap(otherPayerIn) : []),
      ...benefit.rest.map(kept),
      ...(isUnplaced ? [{ url: extension.x12Segment, valueString: `EB13 ${service.join(':')}` }] : []),
    ],
    ...(product ? { productOrService: product } : {}),
    ...(product && modifiers.length > 0 ? { modifier: modifiers.map(modifierOf) } : {}),
    ...(code === excluded ? { excluded: true } : {}),
    ...(plan === '' ? {} : { name: plan }),
    ...(messages.length === 0 ? {} : { description: messages.join(' ') }),
    ...(networks[network] === undefined
      ? {}
      : { network: concept(system.benefitNetwork, networks[network]) }),
    ...(level === ''
      ? {}
      : { unit: both(system.x12CoverageLevel, level, [system.benefitUnit, units[level]]) }),
    ...(period === ''
      ? {}
      : { term: both(system.x12TimePeriod, period, [system.benefitTerm, terms[period]]) }),
    benefit: [benefitOf(benefit)],
    ...(authorization === 'Y' || authorization === 'N'
      ? { authorizationRequired: authorization === 'Y' }
      : {}),
  };
  const types = benefit.serviceTypes;
  if (types.length === 0) return [shared];
  return types.map((type) => ({ ...shared, category: concept(system.x12ServiceType, type) }));
}

const orders: Readonly<Record<string, string>> = { PRP: 'primary', SEP: 'secondary', TTP: 'tertiary' };

/** NM1 of loop 2120: who else pays, in which order where that is said. */
function otherPayerIn(nm1: Benefit['rest'][number]): Extension[] {
  const order = orders[element(nm1, 1)] ?? (element(nm1, 1) === 'PR' ? '' : undefined);
  if (nm1.id !== 'NM1' || order === undefined) return [];
  const said = [
    { url: 'name', valueString: element(nm1, 3) },
    { url: 'payerId', valueString: element(nm1, 9) },
  ].filter(({ valueString }) => valueString !== '');
  const parts = [...said, ...(order === '' ? [] : [{ url: 'order', valueCode: order }])];
  return parts.length === 0 ? [] : [{ url: extension.otherPayer, extension: parts }];
}

const modifierOf = (code: string): CodeableConcept => ({ coding: [{ code }] });

/** What an EB gives: money, a share in percent, or a number of something. */
function benefitOf({
  code,
  amount,
  percent,
  quantity,
}: Benefit): CoverageEligibilityResponseInsuranceItemBenefit {
  const type = both(system.x12Eligibility, code, [system.benefitType, benefitTypes[code]]);
  const money = amountOf(amount);
  if (money !== undefined) return { type, allowedMoney: toMoney(money) };
  if (amount !== '') return { type, allowedString: amount };
  if (percent !== '') {
    const share = numberOf(percent);
    // EB08 is a share of one
    const points = share === undefined ? undefined : exactCents(share);
    if (points !== undefined && points >= 0) return { type, allowedUnsignedInt: points };
    return { type, allowedString: percent };
  }
  const count = numberOf(quantity);
  if (count === undefined) return { type };
  return Number.isInteger(count) && count >= 0
    ? { type, allowedUnsignedInt: count }
    : { type, allowedString: decimalText(count) };
}
