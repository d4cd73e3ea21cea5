import type { Bundle, Claim, ClaimResponse, Resource, Task } from '@medplum/fhirtypes';
import { withBackground } from '../../../src/background.ts';
import { shippedGateways } from '../../../src/gateways.ts';
import type { OperationContext } from '../../../src/operation/operation.ts';
import type { Store } from '../../../src/store/store.ts';
import { pasExtension } from '../../../src/terminology/pas.ts';
import { system } from '../../../src/terminology/system.ts';
import { testContext } from '../../context.ts';
import { kneeOffice, type KneeOffice } from '../../firm/kneeOffice.ts';
import { kneeVisit } from '../../fixture/kneeVisit.ts';
import { post } from '../../http/server.ts';
import { until } from '../../until.ts';

export const today = new Date().toISOString().slice(0, 10);
export const inDays = (days: number, from = today): string =>
  new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);

/** The demo clinic with its background work, whose payers the simulator plays unless a test says otherwise. */
export interface AuthorizingOffice extends KneeOffice {
  readonly background: OperationContext;
  found<T extends Resource>(query: string): Promise<(T & { id: string })[]>;
  tasks(code: string, focus: string): Promise<Task[]>;
  /** Charts a visit with 100 mg of infliximab (J1745, ten units), for which the plan asks an authorization. */
  infusion(name: string, day: string): Promise<string>;
  /** Stores a request for a patient of `infusion` and answers with its path. */
  request(id: string, patient: string, over?: Partial<Claim>): Promise<string>;
  answer(claim: string): Promise<(ClaimResponse & { id: string }) | undefined>;
  /** Waits until the answer to a request fits. */
  answered(
    claim: string,
    fits: (response: ClaimResponse) => boolean,
  ): Promise<ClaimResponse & { id: string }>;
  close(): Promise<void>;
}

export async function openAuthorizing(
  open: () => Promise<Store>,
  over: Partial<OperationContext> = {},
): Promise<AuthorizingOffice> {
  const store = await open();
  const now = (): string => new Date().toISOString();
  const given = await testContext({ store, now, gateways: shippedGateways, ...over });
  const { context, queue } = withBackground(given, () => undefined);
  const office = await kneeOffice(() => Promise.resolve(store), { ...context, background: () => undefined });
  queue.start();
  const found = async <T extends Resource>(query: string): Promise<(T & { id: string })[]> =>
    ((await office.get<Bundle>(query)).entry ?? []).map((e) => e.resource as T & { id: string });
  const answer = async (claim: string) => (await found<ClaimResponse>(`ClaimResponse?request=${claim}`))[0];
  return {
    ...office,
    background: context,
    found,
    tasks: (code, focus) => found<Task>(`Task?code=${system.task}|${code}&focus=${focus}`),
    infusion: async (name, day) => {
      const bundle = kneeVisit(name, day);
      for (const { resource } of bundle.entry ?? []) {
        if (resource?.resourceType !== 'MedicationAdministration') continue;
        resource.medicationCodeableConcept = { coding: [{ system: system.hcpcs, code: 'J1745' }] };
        resource.dosage = { dose: { value: 100, unit: 'mg', system: system.ucum, code: 'mg' } };
      }
      const { status, text } = await post(office.http, '', bundle);
      if (status !== 200) throw new Error(text);
      return `Encounter/${name}-visit`;
    },
    request: async (id, patient, more = {}) => {
      const { status, text } = await office.put({ ...requestOf(id, patient), ...more });
      if (status >= 300) throw new Error(text);
      return `Claim/${id}`;
    },
    answer,
    answered: (claim, fits) =>
      until(async () => {
        const response = await answer(claim);
        return response && fits(response) ? response : undefined;
      }),
    close: async () => {
      await queue.stop();
      await store.close();
    },
  };
}

export const requestOf = (id: string, patient: string): Claim & { id: string } => ({
  ...{ resourceType: 'Claim', id, status: 'draft', use: 'preauthorization' },
  type: { coding: [{ system: system.claimType, code: 'professional' }] },
  patient: { reference: `Patient/${patient}` },
  created: today,
  insurer: { reference: 'Organization/juniper-ridge' },
  provider: { reference: 'Organization/alder-street-clinic' },
  priority: { coding: [{ code: 'normal' }] },
  diagnosis: [
    { sequence: 1, diagnosisCodeableConcept: { coding: [{ system: system.icd10cm, code: 'M17.11' }] } },
  ],
  insurance: [{ sequence: 1, focal: true, coverage: { reference: `Coverage/${patient}` } }],
  item: [itemOf(1, 'J1745', 10)],
});

export const itemOf = (sequence: number, code: string, units: number, certification = 'I') => ({
  extension: [
    {
      url: pasExtension.requestType,
      valueCodeableConcept: { coding: [{ system: system.x12RequestCategory, code: 'HS' }] },
    },
    {
      url: pasExtension.certificationType,
      valueCodeableConcept: { coding: [{ system: system.x12CertificationType, code: certification }] },
    },
  ],
  sequence,
  category: { coding: [{ system: system.x12ServiceType, code: '2' }] },
  productOrService: { coding: [{ system: system.hcpcs, code }] },
  servicedPeriod: { start: inDays(-60), end: inDays(60) },
  locationCodeableConcept: { coding: [{ system: system.placeOfService, code: '11' }] },
  quantity: { value: units },
});

/** What was decided, item by item. */
export const actionsOf = ({ item = [] }: ClaimResponse): unknown[] =>
  item.map(({ itemSequence, adjudication: [first] }) => {
    const parts = first?.extension?.find((e) => e.url === pasExtension.reviewAction)?.extension ?? [];
    const action = parts.find((e) => e.url === pasExtension.reviewActionCode)?.valueCodeableConcept;
    return [itemSequence, action?.coding?.[0]?.code, parts.some((e) => e.url === 'number')];
  });

export const numberOf = ({ preAuthRef }: ClaimResponse): string => {
  if (preAuthRef === undefined) throw new Error('no number');
  return preAuthRef;
};
