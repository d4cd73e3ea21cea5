import type {
  Bundle,
  Coverage,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Patient,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { extension, system } from '../../../src/terminology/system.ts';
import { kneeOffice, type KneeOffice } from '../../firm/kneeOffice.ts';
import { post } from '../../http/server.ts';
import type { OperationContext } from '../../../src/operation/operation.ts';
import type { Store } from '../../../src/store/store.ts';

export const payer = 'Organization/juniper-ridge';
export const practice = 'Organization/alder-street-clinic';

/** A patient and a coverage of the demo payer under a member number. */
export const member = (
  id: string,
  subscriberId: string,
  over: Partial<Coverage> = {},
): readonly [Patient & { id: string }, Coverage & { id: string }] => [
  {
    ...{ resourceType: 'Patient', id, birthDate: '1970-05-05', gender: 'female' },
    name: [{ family: 'Marlow', given: ['Ada'] }],
  },
  {
    ...{ resourceType: 'Coverage', id, status: 'active', subscriberId, order: 1 },
    relationship: { coding: [{ system: system.subscriberRelationship, code: 'self' }] },
    subscriber: { reference: `Patient/${id}` },
    beneficiary: { reference: `Patient/${id}` },
    payor: [{ reference: payer }],
    class: [
      {
        type: { coding: [{ system: system.coverageClass, code: 'plan' }] },
        value: 'juniper-ppo-1500',
      },
    ],
    ...over,
  },
];

export const requestFor = (
  id: string,
  over: Partial<CoverageEligibilityRequest> = {},
): CoverageEligibilityRequest => ({
  ...({ resourceType: 'CoverageEligibilityRequest', status: 'active', purpose: ['benefits'] } as const),
  patient: { reference: `Patient/${id}` },
  servicedDate: '2026-11-25',
  created: '2026-11-24',
  provider: { reference: practice },
  insurer: { reference: payer },
  insurance: [{ focal: true, coverage: { reference: `Coverage/${id}` } }],
  item: [
    { category: { coding: [{ system: system.x12ServiceType, code: '30' }] } },
    { productOrService: { coding: [{ system: system.hcpcs, code: 'J1745' }] } },
  ],
  ...over,
});

export type Answer = CoverageEligibilityResponse & { id: string };

export interface EligibilityOffice extends KneeOffice {
  has(...resources: readonly (Resource & { id: string })[]): Promise<void>;
  /** $submit at type level; answers with status and resource. */
  ask(request: Resource): Promise<{ readonly status: number; readonly body: Answer; readonly text: string }>;
  found<T>(query: string): Promise<T[]>;
  tasks(code: string, focus: string): Promise<(Task & { id: string })[]>;
}

export async function eligibilityOffice(
  open: () => Promise<Store>,
  over: Partial<OperationContext> = {},
): Promise<EligibilityOffice> {
  const office = await kneeOffice(open, over);
  const found = async <T>(query: string): Promise<T[]> =>
    ((await office.get<Bundle>(query)).entry ?? []).map((e) => e.resource as T);
  return {
    ...office,
    has: async (...resources) => {
      for (const resource of resources) {
        const { status, text } = await office.put(resource);
        if (status > 299) throw new Error(text);
      }
    },
    ask: async (request) => {
      const { status, text } = await post(office.http, '/CoverageEligibilityRequest/$submit', request);
      return { status, text, body: JSON.parse(text) as Answer };
    },
    found,
    tasks: (code, focus) => found(`Task?code=${system.task}|${code}&focus=${focus}`),
  };
}

export const resultOf = (answer: CoverageEligibilityResponse): string | undefined =>
  answer.extension?.find(({ url }) => url === extension.eligibilityResult)?.valueCode;

/** The sentences of its narrative. */
export const wordsOf = ({ text }: CoverageEligibilityResponse): string[] =>
  [...(text?.div ?? '').matchAll(/<li>([^<]*)<\/li>/g)].map((match) => match[1] ?? '');
