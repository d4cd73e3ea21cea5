import type { ResourceType } from '@medplum/fhirtypes';
import { parsePairs } from '../../src/search/parse.ts';
import { confinement, type Confinement, type Rule } from '../../src/store/access/access.ts';
import type { Store } from '../../src/store/store.ts';
import { minimal, type Known } from './caseTable.ts';

/** Numbers below 1, the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const patients = ['p0', 'p1', 'p2', 'p3'] as const;
export const practices = ['o0', 'o1', 'o2'] as const;
type Json = Record<string, unknown>;

/** One version as the oracle knows it. */
export interface KnownVersion {
  readonly type: ResourceType;
  readonly id: string;
  readonly version: number;
  readonly content: Json | undefined; // none of a deletion
}

const refer = (type: string, id: string): Json => ({ reference: `${type}/${id}` });

/** Resources of a small billing office, whose references are drawn by lot. */
export function draw(pick: <T>(from: readonly T[]) => T, type: ResourceType, id: string): Known {
  const patient = (): Json => refer('Patient', pick(patients));
  const practice = (): Json => refer('Organization', pick(practices));
  const maybe = (of: Json): Json => pick([of, {}]);
  const concept = (): Json => ({ coding: [{ system: 'http://x', code: pick(['a', 'b', 'c']) }] });
  const contents: Partial<Record<ResourceType, () => Json>> = {
    Patient: () => ({
      gender: pick(['male', 'female']),
      name: [{ family: pick(['Ames', 'Bell']) }],
      ...maybe({ link: [{ other: patient(), type: 'seealso' }] }),
      ...maybe({ managingOrganization: practice() }),
    }),
    Organization: () => ({ name: pick(['Harbor', 'Elm']), ...maybe({ partOf: practice() }) }),
    Account: () => ({
      status: pick(['active', 'inactive']),
      subject: [patient()],
      ...maybe({ owner: practice() }),
    }),
    Encounter: () => ({
      status: pick(['finished', 'planned']),
      class: { code: 'AMB' },
      ...maybe({ subject: patient() }),
      ...maybe({ serviceProvider: practice() }),
      ...maybe({ account: [refer('Account', pick(['Account0', 'Account1', 'Account2']))] }),
    }),
    Observation: () => ({
      status: pick(['final', 'amended']),
      code: concept(),
      subject: pick([patient(), patient(), refer('Group', 'Group0'), refer('Location', 'none')]),
      ...maybe({ performer: [pick([patient(), practice()])] }),
      ...maybe({ encounter: refer('Encounter', pick(['Encounter0', 'Encounter1', 'Encounter2'])) }),
      ...maybe({ hasMember: [refer('Observation', pick(['Observation0', 'Observation1', 'Observation2']))] }),
    }),
    Claim: () => ({
      status: pick(['active', 'draft']),
      use: 'claim',
      patient: patient(),
      provider: practice(),
      ...maybe({ payee: { party: pick([patient(), practice()]) } }),
    }),
    Coverage: () => ({ status: 'active', beneficiary: patient(), payor: [pick([patient(), practice()])] }),
    Invoice: () => ({
      status: pick(['issued', 'balanced']),
      ...maybe({ subject: patient() }),
      ...maybe({ recipient: patient() }),
      ...maybe({ issuer: practice() }),
    }),
    PaymentNotice: () => ({
      status: 'active',
      recipient: practice(),
      request: refer('Account', pick(['Account0', 'Account1', 'Account2'])),
    }),
    Task: () => ({
      status: pick(['requested', 'completed']),
      ...maybe({ owner: practice() }),
      ...maybe({ for: patient() }),
    }),
    Group: () => ({ member: [{ entity: patient() }, { entity: patient() }] }),
    ConceptMap: () => ({ status: 'active', name: pick(['M1', 'M2']) }),
    List: () => ({
      status: 'current',
      subject: patient(),
      entry: [{ item: refer('Observation', 'Observation1') }, { item: refer('Patient', pick(patients)) }],
    }),
  };
  return minimal({ resourceType: type, id, ...contents[type]?.() });
}

export const drawn: readonly ResourceType[] = [
  ...(['Account', 'Encounter', 'Observation', 'Claim', 'Coverage', 'Invoice'] as const),
  ...(['PaymentNotice', 'Task', 'Group', 'ConceptMap', 'List'] as const),
];

/** Writes a world and tells every version of it, in order. */
export async function settle(store: Store, seed: number, later: () => void): Promise<KnownVersion[]> {
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const known: KnownVersion[] = [];
  const put = async (type: ResourceType, id: string): Promise<void> => {
    const resource = draw(pick, type, id);
    const { resourceType: _type, id: _id, ...content } = resource as unknown as Json;
    const { version } = await store.transaction((tx) => tx.put(resource));
    if (!known.some((one) => one.type === type && one.id === id && one.version === version))
      known.push({ type, id, version, content });
    if (next() < 0.3) later();
  };
  for (const id of practices) await put('Organization', id);
  for (const id of patients) await put('Patient', id);
  for (const type of drawn) for (let i = 0; i < 6; i += 1) await put(type, `${type}${i}`);
  for (let i = 0; i < 40; i += 1) {
    const [type, id] = [pick(drawn), `${Math.floor(next() * 6)}`];
    if (next() < 0.7) await put(type, `${type}${id}`);
    else {
      const gone = await store.transaction((tx) => tx.delete(type, `${type}${id}`));
      if (gone) known.push({ type, id: gone.id, version: gone.version, content: undefined });
    }
  }
  return known;
}

/** What a principal may see, and a plain reading of it: whether the content of a version is theirs. */
export interface Principal {
  readonly name: string;
  readonly access: Confinement;
  readonly owns: (world: World, type: ResourceType, id: string, content: Json) => boolean;
}

/** All versions that there are, and what follows from the current ones. */
export class World {
  readonly known: readonly KnownVersion[];
  constructor(known: readonly KnownVersion[]) {
    this.known = known;
  }
  current(type: ResourceType, id: string): KnownVersion | undefined {
    return this.known.findLast((one) => one.type === type && one.id === id);
  }
  get currents(): KnownVersion[] {
    return [...new Set(this.known.map((one) => this.current(one.type, one.id)))].flatMap((one) => one ?? []);
  }
  /** A deletion is seen when what it deleted was. */
  sees({ owns }: Principal, { type, id, version, content }: KnownVersion): boolean {
    const of =
      content ?? this.known.find((o) => o.type === type && o.id === id && o.version === version - 1)?.content;
    return of !== undefined && owns(this, type, id, of);
  }
}

/** The references at a path of elements: members('entity'), whatever lists are on the way. */
function at(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => at(one, path));
  if (typeof value !== 'object' || value === null) return [];
  const [first = '', ...rest] = path.split('.');
  if (path === '') return at(value, 'reference');
  const inner = (value as Json)[first];
  if (first === 'reference') return typeof inner === 'string' ? [inner] : [];
  return at(inner, rest.join('.'));
}
const names = (content: Json, paths: readonly string[], reference: string): boolean =>
  paths.some((path) => at(content, path).includes(reference));

/** R4's patient compartment of the types here, read off its page: the elements, not the parameters. */
const compartment: Partial<Record<ResourceType, readonly string[]>> = {
  Account: ['subject'],
  Encounter: ['subject'],
  Observation: ['subject', 'performer'],
  Claim: ['patient', 'payee.party'],
  Coverage: ['policyHolder', 'subscriber', 'beneficiary', 'payor'],
  Invoice: ['subject', 'recipient'],
  Group: ['member.entity'],
  List: ['subject', 'source'],
};
const owners: Partial<Record<ResourceType, readonly string[]>> = {
  Account: ['owner'],
  Encounter: ['serviceProvider'],
  Claim: ['provider'],
  Invoice: ['issuer'],
  PaymentNotice: ['provider', 'recipient'],
  Patient: ['managingOrganization'],
  Task: ['owner', 'requester'],
};

const isOfPatient = (type: ResourceType, id: string, content: Json, patient: string): boolean =>
  type === 'Patient' ? id === patient : names(content, compartment[type] ?? [], `Patient/${patient}`);
const isOfPractice = (type: ResourceType, id: string, content: Json, practice: string): boolean =>
  type === 'Organization' ? id === practice : names(content, owners[type] ?? [], `Organization/${practice}`);
const isOfChart = (world: World, type: ResourceType, id: string, content: Json, practice: string): boolean =>
  patients.some(
    (patient) =>
      isOfPatient(type, id, content, patient) &&
      world.currents.some(
        (one) =>
          (one.type === 'Account' || one.type === 'Encounter') &&
          one.content !== undefined &&
          names(one.content, ['subject'], `Patient/${patient}`) &&
          isOfPractice(one.type, one.id, one.content, practice),
      ),
  );

const asks = (type: ResourceType, ...pairs: readonly (readonly [string, string])[]): Rule => ({
  criteria: parsePairs(type, pairs).filters,
});
const bothWays = (see: Rule): { see: Rule; write: Rule } => ({ see, write: see });

/** Confined to one patient, to one practice, and in every way that rules can be put together. */
export const principals: readonly Principal[] = [
  {
    name: 'a patient',
    access: confinement({
      patients: ['p1'],
      types: {
        ...Object.fromEntries(
          [...Object.keys(compartment), 'Patient'].map((type) => [type, bothWays('patient')]),
        ),
        PaymentNotice: { see: asks('PaymentNotice', ['request', 'Account/Account1']) },
        ConceptMap: { see: 'open' },
        Organization: { see: 'open' },
      },
    }),
    owns: (_, type, id, content) =>
      type === 'PaymentNotice'
        ? names(content, ['request'], 'Account/Account1')
        : type === 'ConceptMap' || type === 'Organization' || isOfPatient(type, id, content, 'p1'),
  },
  {
    name: 'a practice',
    access: confinement({
      practices: ['o1'],
      types: {
        ...Object.fromEntries(
          [...Object.keys(owners), 'Organization'].map((type) => [type, bothWays('practice')]),
        ),
        Patient: bothWays({ any: ['practice', 'chart'] }),
        Observation: bothWays('chart'),
        Coverage: bothWays('chart'),
        ConceptMap: bothWays('open'),
      },
    }),
    owns: (world, type, id, content) =>
      type === 'ConceptMap' ||
      (type === 'Observation' || type === 'Coverage' || type === 'Patient'
        ? isOfChart(world, type, id, content, 'o1') || isOfPractice(type, id, content, 'o1')
        : isOfPractice(type, id, content, 'o1')),
  },
  {
    name: 'one with mixed rules',
    access: confinement({
      patients: ['p0', 'p2'],
      practices: ['o0', 'o2'],
      types: {
        Patient: { see: 'patient' },
        Observation: bothWays({
          all: ['patient', asks('Observation', ['code:not', 'http://x|b'], ['status', 'final'])],
        }),
        Claim: bothWays({ any: ['patient', 'practice'] }),
        Encounter: { see: { all: ['practice', asks('Encounter', ['account:missing', 'false'])] } },
        Task: bothWays({ any: [asks('Task', ['status', 'completed']), 'practice'] }),
      },
    }),
    owns: (_, type, id, content) => {
      const isOwn = ['p0', 'p2'].some((patient) => isOfPatient(type, id, content, patient));
      const isOurs = ['o0', 'o2'].some((practice) => isOfPractice(type, id, content, practice));
      if (type === 'Patient') return isOwn;
      if (type === 'Observation')
        return isOwn && content['status'] === 'final' && !JSON.stringify(content['code']).includes('"b"');
      if (type === 'Claim') return isOwn || isOurs;
      if (type === 'Encounter') return isOurs && content['account'] !== undefined;
      return type === 'Task' && (isOurs || content['status'] === 'completed');
    },
  },
];
