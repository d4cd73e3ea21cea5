import type {
  CodeableConcept,
  Coverage,
  CoverageEligibilityRequest,
  CoverageEligibilityRequestItem,
  Organization,
  Patient,
  Practitioner,
  PractitionerRole,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { knownAs, type Known } from '../../datatypes/known.ts';
import { namePartsOf } from '../../datatypes/personName.ts';
import { system } from '../../terminology/system.ts';
import type { Loop } from '../../x12/loop.ts';
import { organizationSegment, personSegment } from '../../x12/party.ts';
import { segment, type Segment } from '../../x12/segment.ts';
import { dateText, digits, dtp } from '../../x12/value.ts';
import { relationshipCodeOf, serviceQualifier } from './codes.ts';

/** A request to be asked of a payer, with all that it refers to. */
export interface ToAsk {
  readonly request: CoverageEligibilityRequest;
  readonly known: Known;
  readonly trace: string; // TRN02 and BHT03: the answer names it
  readonly payerId?: string; // what a trading partner calls the payer
}

/** What a 270 cannot say, or what it cannot be asked without. The sentence holds no value of the chart. */
export interface Problem {
  readonly expression: string;
  readonly text: string;
  readonly refuses?: true;
}

export const eligibilityGuide = '005010X279A1';

/** Everybody looks for the benefits of a plan as a whole by this service type. */
const planAsWhole = '30';

type Person = Patient | RelatedPerson;

interface Parties {
  readonly payer: Organization | undefined;
  readonly provider: Organization | Practitioner | undefined;
  readonly coverage: Coverage | undefined;
  readonly patient: Patient | undefined;
  readonly holder: Person | undefined;
  readonly isSelf: boolean;
}

/** The set of a 270 for one request. 005010X279A1 */
export function inquirySet(
  toAsk: ToAsk,
  { on, time }: { readonly on: string; readonly time: string },
): { readonly set: Loop; readonly problems: readonly Problem[] } {
  const { request, trace } = toAsk;
  const parties = partiesOf(toAsk);
  const { payer, provider, isSelf } = parties;
  const payerId = toAsk.payerId ?? identifierOf(payer, system.payerId) ?? '';
  const trn = segment('TRN', ['1', trace, originatorOf(provider)]);
  const asked = questionsOf(request, isSelf ? '2110C' : '2110D');
  const days = dtp('291', request.servicedDate ?? request.servicedPeriod?.start, request.servicedPeriod?.end);
  const subscriber: Loop = {
    id: '2000C',
    segments: [segment('HL', ['3', '2', '22', isSelf ? '0' : '1']), ...(isSelf ? [trn] : [])],
    loops: [
      {
        id: '2100C',
        segments: [holderSegment(parties), ...(isSelf ? [...demographics(parties.patient), ...days] : [])],
        loops: isSelf ? asked : [],
      },
      ...(isSelf ? [] : [dependentLevel(parties, trn, { days, asked })]),
    ],
  };
  const set: Loop = {
    id: 'ST',
    segments: [segment('BHT', ['0022', '13', trace, dateText(on), time])],
    loops: [
      {
        id: '2000A',
        segments: [segment('HL', ['1', '', '20', '1'])],
        loops: [
          loop('2100A', organizationSegment('PR', payer?.name, ['PI', payerId])),
          {
            id: '2000B',
            segments: [segment('HL', ['2', '1', '21', '1'])],
            loops: [loop('2100B', providerSegment(provider)), subscriber],
          },
        ],
      },
    ],
  };
  return { set, problems: problemsOf(toAsk, parties, payerId) };
}

const loop = (id: string, ...segments: readonly Segment[]): Loop => ({ id, segments, loops: [] });

function partiesOf({ request, known }: ToAsk): Parties {
  const insurance = request.insurance?.find(({ focal }) => focal === true) ?? request.insurance?.[0];
  const coverage = knownAs<Coverage>(known, 'Coverage', insurance?.coverage);
  const patient = knownAs<Patient>(known, 'Patient', request.patient);
  const isSelf = coverage === undefined || ['18', ''].includes(relationshipCodeOf(coverage.relationship));
  const holder =
    knownAs<Patient>(known, 'Patient', coverage?.subscriber) ??
    knownAs<RelatedPerson>(known, 'RelatedPerson', coverage?.subscriber);
  const role = knownAs<PractitionerRole>(known, 'PractitionerRole', request.provider);
  const provider =
    knownAs<Organization>(known, 'Organization', request.provider) ??
    knownAs<Practitioner>(known, 'Practitioner', role ? role.practitioner : request.provider);
  return {
    payer: knownAs<Organization>(known, 'Organization', request.insurer),
    ...{ provider, coverage, patient, isSelf, holder: isSelf ? patient : holder },
  };
}

function providerSegment(provider: Organization | Practitioner | undefined): Segment {
  const npi = ['XX', identifierOf(provider, system.npi) ?? ''] as const;
  return provider?.resourceType === 'Practitioner'
    ? personSegment('1P', namePartsOf(provider.name), npi)
    : organizationSegment('1P', provider?.name, npi);
}

function holderSegment({ holder, coverage }: Parties): Segment {
  const member =
    coverage?.subscriberId ??
    coverage?.identifier?.find((i) => i.type?.coding?.some(({ code }) => code === 'MB') === true)?.value ??
    '';
  return personSegment('IL', namePartsOf(holder?.name), ['MI', member]);
}

const genders: Readonly<Record<string, string>> = { male: 'M', female: 'F' };

/** DMG: another gender than these two has no code in a 270, and is left out. */
function demographics(person: Person | undefined): Segment[] {
  const born = dateText(person?.birthDate);
  const gender = genders[person?.gender ?? ''] ?? '';
  return born === '' && gender === ''
    ? []
    : [segment('DMG', born === '' ? ['', '', gender] : ['D8', born, gender])];
}

interface Asked {
  readonly days: readonly Segment[];
  readonly asked: readonly Loop[];
}

function dependentLevel(parties: Parties, trn: Segment, { days, asked }: Asked): Loop {
  const code = relationshipCodeOf(parties.coverage?.relationship);
  const relationship = code === '01' || code === '19' ? code : '34';
  return {
    id: '2000D',
    segments: [segment('HL', ['4', '3', '23', '0']), trn],
    loops: [
      {
        id: '2100D',
        segments: [
          personSegment('03', namePartsOf(parties.patient?.name)),
          ...demographics(parties.patient),
          segment('INS', ['N', relationship]),
          ...days,
        ],
        loops: asked,
      },
    ],
  };
}

/** TRN03: 1 and the tax number of who asks, else 9 and what is known of it. */
function originatorOf(provider: Organization | Practitioner | undefined): string {
  const tax = digits(identifierOf(provider, system.taxId, system.ein));
  if (tax.length === 9) return `1${tax}`;
  return `9${digits(identifierOf(provider, system.npi)).slice(-9).padStart(9, '0')}`;
}

/** One EQ for all service types that are asked for, and one for each service. */
function questionsOf({ item = [] }: CoverageEligibilityRequest, id: string): Loop[] {
  const types = item
    .filter(({ productOrService }) => productOrService === undefined)
    .flatMap(({ category }) => codeOf(category, system.x12ServiceType) ?? []);
  const services = item.flatMap((one) => {
    const product = productOf(one);
    return product ? [loop(id, segment('EQ', ['', product]))] : [];
  });
  if (types.length === 0 && services.length > 0) return services;
  const all = types.length === 0 ? [planAsWhole] : [...new Set(types)];
  return [loop(id, segment('EQ', [all.length === 1 ? all : { repeated: all }])), ...services];
}

function productOf({
  productOrService,
  modifier = [],
}: CoverageEligibilityRequestItem): readonly string[] | undefined {
  const found = serviceQualifier(productOrService);
  return found && [...found, ...modifier.flatMap(modifierOf).slice(0, 4)];
}

const modifierOf = ({ coding = [] }: CodeableConcept): string[] =>
  coding.flatMap(({ code }) => code ?? []).slice(0, 1);

function problemsOf({ request }: ToAsk, parties: Parties, payerId: string): Problem[] {
  const { provider, coverage, patient, holder } = parties;
  const isSearch = request.purpose.includes('discovery');
  const missing = (is: boolean, expression: string, what: string): Problem[] =>
    is ? [{ expression: `CoverageEligibilityRequest.${expression}`, text: what, refuses: true }] : [];
  const untold = (request.item ?? []).flatMap(({ diagnosis, category, productOrService }, i): Problem[] => {
    const expression = `CoverageEligibilityRequest.item[${i.toString()}]`;
    const unknown =
      category !== undefined &&
      productOrService === undefined &&
      codeOf(category, system.x12ServiceType) === undefined;
    return [
      ...(diagnosis === undefined
        ? []
        : [{ expression: `${expression}.diagnosis`, text: 'is not asked with' }]),
      ...(unknown ? [{ expression: `${expression}.category`, text: 'is no service type of X12' }] : []),
      ...(productOrService !== undefined && serviceQualifier(productOrService) === undefined
        ? [{ expression: `${expression}.productOrService`, text: 'is of no system that X12 names' }]
        : []),
    ];
  });
  return [
    ...missing(payerId === '', 'insurer', 'the payer has no payer id'),
    ...missing(identifierOf(provider, system.npi) === undefined, 'provider', 'who asks has no NPI'),
    ...missing(coverage === undefined && !isSearch, 'insurance.coverage', 'no coverage is named'),
    ...missing(patient === undefined, 'patient', 'the patient is not known'),
    ...missing(holder === undefined, 'insurance.coverage', 'the subscriber of the coverage is not known'),
    ...untold,
  ];
}
