import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { unsupported } from '../../outcome/fhirError.ts';
import type { Criterion } from '../../search/query.ts';
import { matcherOf, type Matcher } from '../../search/residualFilter.ts';
import type { Context } from '../context.ts';

/** A resource that a transaction is about to write. */
interface PendingWrite {
  readonly type: ResourceType;
  readonly id: string;
  readonly resource: Resource & { id: string };
  readonly fresh: boolean; // the id was just made
  readonly exists: boolean; // a condition of its create matched: nothing is written
}

/**
 * What a transaction is about to write, as conditional references find it: they are resolved when all is written, so
 * the entries beside them count, and what they replace does not. See https://hl7.org/fhir/R4/http.html#trules
 */
export class PendingWrites {
  readonly #context: Context;
  readonly #ofType: ReadonlyMap<ResourceType, readonly PendingWrite[]>;

  constructor(context: Context, writes: readonly PendingWrite[]) {
    this.#context = context;
    this.#ofType = Map.groupBy(
      writes.filter(({ exists }) => !exists),
      ({ type }) => type,
    );
  }

  has(type: ResourceType): boolean {
    return this.#ofType.has(type);
  }

  /** Ids of a type that are written over what may be there: a search knows these by what they were. */
  replaced(type: ResourceType): ReadonlySet<string> {
    const writes = this.#ofType.get(type) ?? [];
    return new Set(writes.filter(({ fresh }) => !fresh).map(({ id }) => id));
  }

  /** Ids of those that meet all criteria. */
  matches(type: ResourceType, filters: readonly Criterion[]): string[] {
    const tests = filters.map((criterion) => this.#testOf(criterion));
    return (this.#ofType.get(type) ?? [])
      .filter(({ resource }) => isSoundAnd(() => tests.every((meets) => meets(resource))))
      .map(({ id }) => id);
  }

  #testOf(criterion: Criterion): Matcher {
    switch (criterion.op) {
      case 'and':
      case 'or': {
        const tests = criterion.criteria.map((one) => this.#testOf(one));
        return criterion.op === 'and'
          ? (resource: Resource) => tests.every((meets) => meets(resource))
          : (resource: Resource) => tests.some((meets) => meets(resource));
      }
      case 'not': {
        const test = this.#testOf(criterion.criterion);
        return (resource) => !test(resource);
      }
      case 'filter':
      case 'composite':
        if (criterion.parameter.code === '_lastUpdated') break;
        return matcherOf(criterion, {
          base: this.#context.publicUrl,
          registry: this.#context.store.registry,
        });
      default:
    }
    throw unsupported(
      422,
      'not-supported',
      'a condition with chains, words or _lastUpdated is not asked of what its own transaction writes',
    );
  }
}

/** A malformed resource matches nothing; it is refused later, when it is validated. */
function isSoundAnd(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}
