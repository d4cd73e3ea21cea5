import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { isResourceType } from '../../datatypes/resourceType.ts';
import type { ExtractOptions } from '../../search/extract.ts';
import { parseReference } from '../../datatypes/reference.ts';
import type { Criterion, SearchParameter } from '../../search/query.ts';
import { entriesOf, matcherOf, type Matcher } from '../../search/residualFilter.ts';
import { shipped } from '../../search/registry.ts';
import type { Reader, Stored } from '../store.ts';
import { resourceOf } from '../version.ts';
import type { Confinement, Rule, Write } from './access.ts';
import { withoutConfidential } from './conceal.ts';
import { patientsOfPractices } from './confineQuery.ts';
import { membersIn } from './membership.ts';

/** An id that nothing has. */
const nobody = '-';

const ofPatient = (id: string): string => ` Patient/${id} `;

/** One version of a resource as rules see it: its stored members first, its content only where a rule needs it. */
interface Version {
  readonly type: ResourceType;
  readonly id: string;
  readonly number: number | undefined; // none of what is about to be written
  readonly members: string | undefined; // see membersText
  readonly resource: () => Resource;
}

/** Decides whether a confinement allows single versions to be seen or written. */
export class Judge {
  readonly #confinement: Confinement;
  readonly #options: ExtractOptions;
  readonly #matchers = new Map<Criterion, Matcher>();
  readonly #patients: readonly string[]; // as membersText has them
  readonly #practices: readonly string[];

  constructor(confinement: Confinement, options: ExtractOptions) {
    this.#confinement = confinement;
    this.#options = options;
    this.#patients = confinement.patients.map(ofPatient);
    this.#practices = confinement.practices.map((id) => ` Organization/${id} `);
  }

  /** Whether a version is visible; a deletion is when the version before it is. `reader` sees all. */
  async sees(reader: Reader, stored: Stored): Promise<boolean> {
    const rule = this.#confinement.types.get(stored.type)?.see;
    if (rule === undefined || rule === 'open') return rule !== undefined;
    return this.#isMet(reader, rule, await standing(reader, stored));
  }

  /** Those of the versions that are visible. */
  async visible<T extends Stored>(reader: Reader, versions: readonly T[]): Promise<T[]> {
    const found: T[] = [];
    for (const stored of versions) if (await this.sees(reader, stored)) found.push(this.shown(stored));
    return found;
  }

  /**
   * Asks the store what it would be asked about a resource that is hidden, so that one that is not there takes as long.
   * What is told from what stands beside a version takes no time worth this.
   */
  async idle(reader: Reader, type: ResourceType): Promise<void> {
    const rule = this.#confinement.types.get(type)?.see;
    if (rule !== undefined) await this.#idle(reader, rule);
  }

  async #idle(reader: Reader, rule: Rule): Promise<void> {
    if (rule === 'chart') await this.#haveChart(reader, [nobody]);
    else if (rule === 'context') await reader.read('DocumentReference', nobody);
    else if (typeof rule === 'string') return;
    else if ('lasting' in rule) await this.#idle(reader, rule.lasting);
    else if ('refers' in rule) await reader.read(rule.refers.target?.[0] ?? 'Account', nobody);
    else if ('any' in rule) for (const one of rule.any) await this.#idle(reader, one);
    else if ('all' in rule && rule.all[0]) await this.#idle(reader, rule.all[0]); // the first refuses, the rest is not asked
  }

  /** Whether anything of a type may be visible. */
  seesAny(type: ResourceType): boolean {
    return this.#confinement.types.get(type)?.see !== undefined;
  }

  /** A version that is visible, as it is shown. */
  shown<T extends Stored>(stored: T): T {
    const { concealed } = this.#confinement;
    return concealed ? Object.assign({}, stored, withoutConfidential(stored, concealed)) : stored;
  }

  /** Whether all of a type is visible, so that what is not found does not exist. */
  seesAll(type: ResourceType): boolean {
    return this.#confinement.types.get(type)?.see === 'open';
  }

  /** Whether a version that is there may be replaced or deleted. */
  async mayChange(reader: Reader, stored: Stored, way: 'update' | 'delete'): Promise<boolean> {
    const rule = this.#ruleOf(stored.type, way);
    return rule !== undefined && this.#isMet(reader, rule, await standing(reader, stored));
  }

  /** Whether a version that is about to be written lies inside the access for writing and, where reading is allowed, for reading. */
  async mayWrite(
    reader: Reader,
    resource: Resource & { id: string },
    way: 'create' | 'update',
  ): Promise<boolean> {
    const { resourceType: type, id } = resource;
    const rule = this.#ruleOf(type, way);
    if (rule === undefined) return false;
    const see = this.#confinement.types.get(type)?.see ?? 'open';
    const version: Version = { type, id, number: undefined, members: undefined, resource: () => resource };
    return this.#isMet(reader, { all: [see, rule] }, version);
  }

  #ruleOf(type: ResourceType, way: Write): Rule | undefined {
    const rules = this.#confinement.types.get(type);
    return rules?.[way] ?? rules?.write;
  }

  async #isMet(reader: Reader, rule: Rule, version: Version): Promise<boolean> {
    switch (rule) {
      case 'open':
        return true;
      case 'patient':
        return this.#isOf(version, this.#patients);
      case 'practice':
        return this.#isOf(version, this.#practices);
      case 'chart':
        return this.#isOfChart(reader, version);
      case 'context':
        return this.#isSecuredByVisible(reader, version);
    }
    if ('patients' in rule) return this.#isOf(version, rule.patients.map(ofPatient));
    if ('refers' in rule) return this.#refersTo(reader, version, rule);
    if ('criteria' in rule) return rule.criteria.every((one) => this.#meets(one, version));
    if ('lasting' in rule) return this.#isMetLastingly(reader, rule.lasting, version);
    const isAny = 'any' in rule;
    for (const one of isAny ? rule.any : rule.all)
      if ((await this.#isMet(reader, one, version)) === isAny) return isAny;
    return !isAny;
  }

  async #isMetLastingly(reader: Reader, rule: Rule, version: Version): Promise<boolean> {
    if (!(await this.#isMet(reader, rule, version))) return false;
    const current = version.number === undefined ? undefined : await reader.read(version.type, version.id);
    if (!current || current.version === version.number) return true;
    return this.#isMet(reader, rule, await standing(reader, current));
  }

  #isOf(version: Version, references: readonly string[]): boolean {
    const { members } = version;
    if (members !== undefined) return references.some((reference) => members.includes(reference));
    const found = membersIn(version.resource(), this.#options);
    return references.some((reference) => found.has(reference.trim()));
  }

  async #isOfChart(reader: Reader, version: Version): Promise<boolean> {
    const { members } = version;
    const references =
      members === undefined ? [...membersIn(version.resource(), this.#options)] : members.split(' ');
    const patients = references.flatMap((r) =>
      r.startsWith('Patient/') ? [r.slice('Patient/'.length)] : [],
    );
    return patients.length > 0 && this.#haveChart(reader, patients);
  }

  async #haveChart(reader: Reader, patients: readonly string[]): Promise<boolean> {
    const { registry = shipped } = this.#options;
    const query = patientsOfPractices(registry, this.#confinement, patients);
    return query !== undefined && (await reader.search(query)).matches.length > 0;
  }

  /** A Binary is visible where what its securityContext names is; without one no rule of this kind allows it. */
  async #isSecuredByVisible(reader: Reader, { type, resource }: Version): Promise<boolean> {
    const binary = resource();
    if (type !== 'Binary' || binary.resourceType !== 'Binary') return false;
    const target = parseReference(binary.securityContext?.reference);
    if (!target || target.type === 'Binary') return false;
    const stored = await reader.read(target.type, target.id);
    return stored !== undefined && !stored.deleted && this.sees(reader, stored);
  }

  async #refersTo(
    reader: Reader,
    { resource }: Version,
    { refers, to }: { readonly refers: SearchParameter; readonly to: Rule },
  ): Promise<boolean> {
    for (const entry of entriesOf(refers, this.#options)(resource())) {
      if (entry.kind !== 'reference' || entry.type === undefined || !isResourceType(entry.type)) continue;
      const stored = await reader.read(entry.type, entry.id);
      if (stored && !stored.deleted && (await this.#isMet(reader, to, await standing(reader, stored))))
        return true;
    }
    return false;
  }

  #meets(criterion: Criterion, version: Version): boolean {
    switch (criterion.op) {
      case 'and':
        return criterion.criteria.every((one) => this.#meets(one, version));
      case 'or':
        return criterion.criteria.some((one) => this.#meets(one, version));
      case 'not':
        return !this.#meets(criterion.criterion, version);
      case 'filter':
        if (criterion.parameter.code === '_id') {
          const isOne = criterion.values.some(({ code }) => code === version.id);
          return isOne === (criterion.modifier !== 'not');
        }
        return this.#matcherOf(criterion)(version.resource());
      case 'composite':
        return this.#matcherOf(criterion)(version.resource());
      case 'chain':
      case 'has':
      case 'text':
      case 'content':
        throw new Error('a confinement was made without confinement()');
    }
  }

  #matcherOf(criterion: Extract<Criterion, { op: 'filter' | 'composite' }>): Matcher {
    const made = this.#matchers.get(criterion) ?? matcherOf(criterion, this.#options);
    this.#matchers.set(criterion, made);
    return made;
  }
}

/** A version as it is judged: a deletion by what it deleted. */
async function standing(reader: Reader, stored: Stored): Promise<Version> {
  const { type, id } = stored;
  const before = stored.deleted ? await reader.vread(type, id, stored.version - 1) : stored;
  let content: Resource | undefined;
  const resource = (): Resource => {
    if (!before || before.deleted) throw new Error('a deletion follows no content');
    content ??= resourceOf(before);
    return content;
  };
  const members = stored.members ?? before?.members;
  return { type, id, number: stored.version, members, resource };
}
