import type {
  CodeableConcept,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  CoverageEligibilityResponseInsuranceItem,
} from '@medplum/fhirtypes';
import { cents, toDecimal, toMoney } from '../datatypes/cents.ts';
import { concept } from '../datatypes/coding.ts';
import { changed } from '../datatypes/json.ts';
import { extension, system } from '../terminology/system.ts';
import { enrolledPeriod, memberIdOf } from './enrollment.ts';
import { eligibilityFacts, type BenefitFact, type Member } from './eligibility.ts';

/** A question as the simulated payer gets it over FHIR. */
export interface Asked {
  readonly request: CoverageEligibilityRequest & { id: string };
  readonly on: string; // FHIR date of the answer
  /** Undefined: the payer does not know the patient. */
  readonly member: Member | undefined;
}

/** What the simulated payer answers to a question about eligibility. */
export function answerEligibility({ request, on, member }: Asked): CoverageEligibilityResponse {
  const day = request.servicedDate ?? request.servicedPeriod?.start ?? on;
  const { patient, insurer, purpose, provider, servicedDate, servicedPeriod } = request;
  const answered: CoverageEligibilityResponse = {
    resourceType: 'CoverageEligibilityResponse',
    status: 'active',
    ...{ purpose, patient, created: on, insurer, outcome: 'complete' },
    ...(servicedDate === undefined ? {} : { servicedDate }),
    ...(servicedPeriod ? { servicedPeriod } : {}),
    ...(provider ? { requestor: provider } : {}),
    request: { reference: `CoverageEligibilityRequest/${request.id}` },
  };
  const said = member ? eligibilityFacts(member, { day, services: servicesOf(request) }) : { refused: '75' };
  if ('refused' in said) {
    const code = { coding: [{ system: system.x12RejectReason, code: said.refused }] };
    return changed(answered, { outcome: 'error' as const, error: [{ code }] });
  }
  const isActive = said.facts.some(({ code }) => code === '1');
  const isEnded = said.facts.some(({ code }) => code === '6');
  const period = enrolledPeriod(member?.enrollment, member?.coverage);
  const number = member?.enrollment?.identifier?.[0]?.value ?? memberIdOf(member?.coverage);
  const focal = request.insurance?.find((i) => i.focal === true) ?? request.insurance?.[0];
  const named = number === undefined ? {} : { identifier: { system: system.memberId, value: number } };
  return changed(answered, {
    insurance: [
      {
        coverage: changed(focal?.coverage ?? {}, named),
        ...(isActive || isEnded ? { inforce: isActive } : {}),
        ...(period ? { benefitPeriod: period } : {}),
        item: said.facts.map(itemOf),
      },
    ],
  });
}

/** Qualifier and code of each service that is asked after. */
const servicesOf = ({ item = [] }: CoverageEligibilityRequest): string[][] =>
  item.flatMap(({ productOrService }) => {
    const code = productOrService?.coding?.[0]?.code;
    return code === undefined ? [] : [['HC', code]];
  });

const benefitTypes: Readonly<Record<string, string>> = { A: 'copay-percent', B: 'copay', C: 'deductible' };

const both = (uri: string, code: string, hl7: readonly [string, string | undefined]): CodeableConcept => ({
  coding: [...(hl7[1] === undefined ? [] : [{ system: hl7[0], code: hl7[1] }]), { system: uri, code }],
});

function itemOf(fact: BenefitFact): CoverageEligibilityResponseInsuranceItem {
  const { code, serviceType, plan, period, amount, share, service, needsAuthorization, otherPayer } = fact;
  const type = both(system.x12Eligibility, code, [system.benefitType, benefitTypes[code]]);
  const [, number = ''] = service ?? [];
  return {
    ...(otherPayer
      ? {
          extension: [
            {
              url: extension.otherPayer,
              extension: [
                { url: 'name', valueString: otherPayer.name },
                { url: 'payerId', valueString: otherPayer.payerId },
                { url: 'order', valueCode: 'primary' },
              ],
            },
          ],
        }
      : {}),
    ...(serviceType === '' ? {} : { category: concept(system.x12ServiceType, serviceType) }),
    ...(service
      ? { productOrService: concept(/^[A-Z]\d{4}$/.test(number) ? system.hcpcs : system.cpt, number) }
      : {}),
    ...(plan === undefined ? {} : { name: plan }),
    ...(amount === undefined && share === undefined
      ? {}
      : { unit: both(system.x12CoverageLevel, 'IND', [system.benefitUnit, 'individual']) }),
    ...(period === undefined
      ? {}
      : {
          term: both(system.x12TimePeriod, period, [
            system.benefitTerm,
            period === '23' ? 'annual' : undefined,
          ]),
        }),
    benefit: [
      {
        type,
        ...(amount === undefined ? {} : { allowedMoney: toMoney(amount) }),
        ...(share === undefined ? {} : { allowedUnsignedInt: Math.round(toDecimal(cents(share))) }),
      },
    ],
    ...(needsAuthorization === undefined ? {} : { authorizationRequired: needsAuthorization }),
  };
}
