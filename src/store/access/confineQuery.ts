import type { ResourceType } from '@medplum/fhirtypes';
import type { Criterion, Filter, FilterValue, SearchParameter, SearchQuery } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';
import type { Confinement, Rule } from './access.ts';
import { asksConfidential, findsConfidential } from './conceal.ts';
import { impliesMembership, membershipParameter, type Membership } from './membership.ts';

const everything: Criterion = { op: 'and', criteria: [] };
const nothing: Criterion = { op: 'or', criteria: [] };

/** Adds the rules of a confinement to queries, at every level, so that only visible resources count. */
export class QueryConfiner {
  readonly #registry: Registry;
  readonly #confinement: Confinement;
  readonly #visible = new Map<ResourceType, Criterion>();

  constructor(registry: Registry, confinement: Confinement) {
    this.#registry = registry;
    this.#confinement = confinement;
  }

  /** The query as it finds only what is visible; undefined where nothing of its type is. */
  confine(query: SearchQuery): SearchQuery | undefined {
    const { type } = query;
    if (this.visible(type) === nothing) return undefined;
    const filters = this.#filters(type, query.filters);
    const sort = this.#confinement.concealed
      ? query.sort.filter(({ parameter }) => typeof parameter === 'string' || !findsConfidential(parameter))
      : query.sort;
    if (query.include.length + query.revinclude.length === 0) return { ...query, sort, filters };
    return { ...query, sort, filters, admits: (of) => this.admits(of) };
  }

  /** What included resources of a type have to meet; undefined where none is visible. */
  admits(type: ResourceType): readonly Criterion[] | undefined {
    const visible = this.visible(type);
    return visible === nothing ? undefined : visible === everything ? [] : [visible];
  }

  /** What the visible resources of a type meet. */
  visible(type: ResourceType): Criterion {
    const rule = this.#confinement.types.get(type)?.see;
    const made = this.#visible.get(type) ?? (rule === undefined ? nothing : this.#compiled(type, rule));
    this.#visible.set(type, made);
    return made;
  }

  #filters(type: ResourceType, filters: readonly Criterion[]): Criterion[] {
    const own = this.visible(type);
    const confined = filters.map((criterion) => this.#criterion(type, criterion));
    const isImplied = own === everything || this.#isImplied(type, filters);
    return isImplied ? confined : [...confined, own];
  }

  #criterion(type: ResourceType, criterion: Criterion): Criterion {
    switch (criterion.op) {
      case 'chain': {
        const targets = criterion.targets
          .filter((target) => this.visible(target.type) !== nothing)
          .map((target) => ({ type: target.type, filters: this.#filters(target.type, target.filters) }));
        return targets.length === 0 ? nothing : { ...criterion, targets };
      }
      case 'has':
        return this.visible(criterion.source) === nothing
          ? nothing
          : { ...criterion, filters: this.#filters(criterion.source, criterion.filters) };
      case 'and':
      case 'or':
        return { ...criterion, criteria: criterion.criteria.map((one) => this.#criterion(type, one)) };
      case 'not':
        return { ...criterion, criterion: this.#criterion(type, criterion.criterion) };
      case 'filter':
      case 'composite':
      case 'text':
      case 'content':
        return this.#isConcealed(type, criterion) ? nothing : criterion;
    }
  }

  #isConcealed(type: ResourceType, criterion: Criterion): boolean {
    return type === 'Patient' && this.#confinement.concealed !== undefined && asksConfidential(criterion);
  }

  /** Whether a filter already finds only visible resources, as it names a patient or practice of the caller. */
  #isImplied(type: ResourceType, filters: readonly Criterion[]): boolean {
    const rule = this.#confinement.types.get(type)?.see;
    const ways = rule !== undefined && typeof rule === 'object' && 'any' in rule ? rule.any : [rule];
    const { patients, practices } = this.#confinement;
    return ways.some((way) => {
      if (way === 'practice') return filters.some((c) => names(c, 'Organization', practices));
      if (way === 'patient') return filters.some((c) => names(c, 'Patient', patients));
      if (typeof way !== 'object' || !('patients' in way)) return false;
      return filters.some((c) => names(c, 'Patient', way.patients));
    });
  }

  #compiled(type: ResourceType, rule: Rule): Criterion {
    switch (rule) {
      case 'open':
        return everything;
      case 'patient':
        return memberOf(this.#registry, type, 'Patient', this.#confinement.patients);
      case 'practice':
        return memberOf(this.#registry, type, 'Organization', this.#confinement.practices);
      case 'chart':
        return this.#ofChart(type);
      case 'context':
        return nothing; // the securityContext of a Binary is no search parameter
    }
    if ('patients' in rule) return memberOf(this.#registry, type, 'Patient', rule.patients);
    if ('refers' in rule) return this.#referring(rule.refers, rule.to);
    if ('criteria' in rule) return allOf(rule.criteria);
    if ('lasting' in rule) return this.#compiled(type, rule.lasting); // searches find current versions
    if ('any' in rule) return someOf(rule.any.map((one) => this.#compiled(type, one)));
    return allOf(rule.all.map((one) => this.#compiled(type, one)));
  }

  #referring(parameter: SearchParameter, to: Rule): Criterion {
    const targets = (parameter.target ?? []).flatMap((type) => {
      const own = this.#compiled(type, to);
      return own === nothing ? [] : [{ type, filters: own === everything ? [] : [own] }];
    });
    return targets.length === 0 ? nothing : { op: 'chain', parameter, targets };
  }

  #ofChart(type: ResourceType): Criterion {
    const patients = ofPractices(this.#registry, this.#confinement);
    if (type === 'Patient' || patients === nothing) return patients;
    const parameter = membershipParameter('Patient', type);
    return parameter
      ? { op: 'chain', parameter, targets: [{ type: 'Patient', filters: [patients] }] }
      : nothing;
  }
}

/** Whether a criterion names only members of a confinement, by a parameter whose matches belong to them. */
function names(criterion: Criterion, of: Membership, ids: readonly string[]): boolean {
  if (criterion.op !== 'filter' || criterion.modifier !== undefined || criterion.values.length === 0)
    return false;
  const { parameter, values } = criterion;
  if (parameter.code === '_id')
    return parameter.type === of && values.every(({ code }) => code !== undefined && ids.includes(code));
  if (parameter.kind !== 'reference' || !impliesMembership(of, parameter)) return false;
  return values.every(({ target, prefix }) => {
    if (prefix === 'ne' || !target || !('types' in target) || !ids.includes(target.id)) return false;
    return target.types.every((type) => type === of);
  });
}

/** Belonging to one of these patients or organizations. */
function memberOf(registry: Registry, type: ResourceType, of: Membership, ids: readonly string[]): Criterion {
  if (ids.length === 0) return nothing;
  const own = registry.parametersOf(type).get('_id');
  const itself: Criterion[] =
    type === of && own
      ? [
          filter(
            own,
            ids.map((id) => ({ text: id, code: id })),
          ),
        ]
      : [];
  const parameter = membershipParameter(of, type);
  const belonging = parameter
    ? [
        filter(
          parameter,
          ids.map((id) => referenceTo(of, id)),
        ),
      ]
    : [];
  return someOf([...itself, ...belonging]);
}

const filter = (parameter: SearchParameter, values: readonly FilterValue[]): Filter => ({
  op: 'filter',
  parameter,
  values,
});

const referenceTo = (type: Membership, id: string): FilterValue => ({
  text: `${type}/${id}`,
  target: { types: [type], id },
});

/** The patients who have an Account or Encounter of one of the practices. */
function ofPractices(registry: Registry, { practices }: Confinement): Criterion {
  if (practices.length === 0) return nothing;
  const ways = (['Account', 'Encounter'] as const).flatMap((source): Criterion[] => {
    const parameter = registry.parametersOf(source).get('patient');
    const its = membershipParameter('Organization', source);
    const of = practices.map((id) => referenceTo('Organization', id));
    return parameter && its ? [{ op: 'has', source, parameter, filters: [filter(its, of)] }] : [];
  });
  return someOf(ways);
}

/** Asks which of some patients have an Account or Encounter of one of the practices; undefined where there are none. */
export function patientsOfPractices(
  registry: Registry,
  confinement: Confinement,
  ids: readonly string[],
): SearchQuery | undefined {
  const own = registry.parametersOf('Patient').get('_id');
  const of = ofPractices(registry, confinement);
  if (!own || of === nothing) return undefined;
  const filters = [
    filter(
      own,
      ids.map((id) => ({ text: id, code: id })),
    ),
    of,
  ];
  return { type: 'Patient', filters, sort: [], count: 1, total: 'none', include: [], revinclude: [] };
}

function someOf(criteria: readonly Criterion[]): Criterion {
  if (criteria.includes(everything)) return everything;
  const left = criteria.filter((one) => one !== nothing);
  const [only] = left;
  if (!only) return nothing;
  return left.length === 1 ? only : { op: 'or', criteria: left };
}

function allOf(criteria: readonly Criterion[]): Criterion {
  if (criteria.includes(nothing)) return nothing;
  const left = criteria.filter((one) => one !== everything);
  const [only] = left;
  if (!only) return everything;
  return left.length === 1 ? only : { op: 'and', criteria: left };
}
