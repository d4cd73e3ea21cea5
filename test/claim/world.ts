import type {
  Basic,
  Claim,
  ClaimResponse,
  Coverage,
  Parameters,
  ParametersParameter,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { trialBalance } from '../../src/billing/ledger/index.ts';
import type { Context } from '../../src/interaction/context.ts';
import type { Store } from '../../src/store/store.ts';
import { on, openOffice, type Office, type Said } from '../firm/office.ts';
import { coded, condition, coverage, drug, hcpcs, own, patient, visit } from '../firm/visit.ts';

export const day = '2026-06-03';
export const sent = '2026-06-05';
export const answered = '2026-06-19';

/** A day to act on that is later than everything before it. */
export const later = (n: number): string => `2026-07-${String(n).padStart(2, '0')}`;

export const reason = (valueString = 'it was wrong'): ParametersParameter => ({
  name: 'reason',
  valueString,
});
export const text = (name: string, valueString: string): ParametersParameter => ({ name, valueString });

/** The office with what the life of a claim is looked at by. */
export interface World extends Office {
  /** Charts an office visit with 40 mg of triamcinolone (207.45 in all) and sends its claim; answered the same day. */
  billed(
    name: string,
    over?: { readonly member?: string; readonly at?: string; readonly network?: string },
  ): Promise<Claim & { id: string }>;
  /** Runs an operation of a claim on a day. */
  act(
    claim: { readonly resourceType: string; readonly id?: string },
    code: string,
    more?: readonly ParametersParameter[],
    at?: string,
  ): Promise<Said>;
  /** $correct or $void, then $submit of what it drafted; answers with the new claim and its answer. */
  redo(
    claim: Claim & { id: string },
    code: 'correct' | 'void',
    at?: string,
  ): Promise<{ claim: Claim & { id: string }; response: ClaimResponse & { id: string } }>;
  state(claim: { readonly id: string }): Promise<string | undefined>;
  tasks(focus: string): Promise<(Task & { id: string })[]>;
  /** What stands in the accounts of the ledger, in cents, of one patient. */
  standing(name: string): Promise<Record<string, number>>;
  /** What `npm run verify` would find wrong with the money. */
  faults(): Promise<readonly string[]>;
}

export async function openWorld(open: () => Promise<Store>, over: Partial<Context> = {}): Promise<World> {
  const office = await openOffice(open, over);
  const act: World['act'] = (claim, code, more = [], at = later(1)) =>
    office.call(`${claim.resourceType}/${claim.id ?? ''}/$${code}`, [on(at), ...more]);
  const world: World = {
    ...office,
    billed: async (name, { member = `JRH${name.toUpperCase()}`, at = day, network } = {}) => {
      const of = { patient: name, encounter: name, at: `${at}T09:10:00-04:00` };
      await office.put(
        patient(name),
        coverage(name, name, { subscriberId: member, ...(network === undefined ? {} : { network }) }),
        visit(name, name, at),
        condition(name, name),
        drug(`${name}-drug`, of),
      );
      const [claim] = await office.claims(name, sent);
      await office.submit(claim, sent);
      return office.read<Claim>('Claim', claim?.id ?? '');
    },
    act,
    redo: async (claim, code, at = later(1)) => {
      const drafted = await act(claim, code, [reason()], at);
      const [draft] = drafted.all<Claim>('claim');
      if (drafted.status !== 200 || draft?.id === undefined)
        throw new Error(`$${code}: ${JSON.stringify(drafted.body)}`);
      const answer = await act(draft, 'submit', [], at);
      if (answer.status !== 200) throw new Error(`$submit: ${JSON.stringify(answer.body)}`);
      return {
        claim: await office.read<Claim>('Claim', draft.id),
        response: answer.body as ClaimResponse & { id: string },
      };
    },
    state: async ({ id }) =>
      ((await office.send('get', `Claim/${id}/$state`)).body as Parameters).parameter?.find(
        (p) => p.name === 'state',
      )?.valueCode,
    tasks: (focus) => office.find<Task>(`Task?focus=${focus}`),
    standing: async (name) => {
      const accounts = await office.find<Resource>(`Account?subject=Patient/${name}`);
      const journal = await office.context.store.journal(`Account/${accounts[0]?.id ?? ''}`);
      return Object.fromEntries([...trialBalance(journal)].filter(([, amount]) => amount !== 0));
    },
    faults: async () => (await storeFaults(office.context.store, Date.parse('2026-11-24T15:00:00Z'))).faults,
  };
  return world;
}

/** The visit of story 4: an infusion that needs an authorisation, 3,964.50 in all. */
export async function chartInfusion(world: World, name: string): Promise<void> {
  const of = { patient: name, encounter: name, at: `${day}T09:10:00-04:00` };
  const used = (kind: string, value: number): NonNullable<Basic['extension']>[number] => ({
    url: own('accumulator'),
    extension: [
      { url: 'kind', valueCode: kind },
      { url: 'year', valueString: '2026' },
      { url: 'used', valueMoney: { value, currency: 'USD' } },
    ],
  });
  const insured: Coverage & { id: string } = coverage(name, name);
  const enrolled: Basic & { id: string } = {
    resourceType: 'Basic',
    id: `${name}-enrolled`,
    code: coded('https://claimwright.example/fhir/CodeSystem/basic', 'enrollment'),
    identifier: [
      { system: 'https://claimwright.example/fhir/sid/member-id', value: insured.subscriberId ?? '' },
    ],
    author: { reference: 'Organization/juniper-ridge' },
    subject: { reference: `Patient/${name}` },
    extension: [
      { url: own('enrolled-plan'), valueString: 'juniper-ppo-1500' },
      { url: own('enrolled-period'), valuePeriod: { start: '2025-01-01' } },
      used('deductible', 1500),
      used('out-of-pocket', 2310),
    ],
  };
  await world.put(
    patient(name),
    insured,
    enrolled,
    visit(name, name, day, { type: [coded('http://snomed.info/sct', '14152002')] }),
    condition(name, name, 'K50.00'),
    drug(`${name}-drug`, of, {
      medicationCodeableConcept: coded(hcpcs, 'J1745'),
      dosage: { dose: { value: 400, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } },
    }),
    drug(`${name}-fluid`, of, {
      medicationCodeableConcept: coded(hcpcs, 'J7050'),
      dosage: { dose: { value: 250, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' } },
    }),
  );
}
