import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { extract } from '../../src/search/extract.ts';
import { contentText, narrativeText, wordsOf } from '../../src/search/fullText.ts';
import { entryMatcher } from '../../src/search/kinds.ts';
import type { Criterion, Filter, FullText, IndexEntry, SearchParameter } from '../../src/search/query.ts';
import { matcherOf } from '../../src/search/residualFilter.ts';

type Known = Resource & { id: string };

/** What a criterion means, over resources in memory and the index entries they have. */
export function evaluate(criterion: Criterion, resource: Known, all: readonly Known[]): boolean {
  switch (criterion.op) {
    case 'and':
      return criterion.criteria.every((one) => evaluate(one, resource, all));
    case 'or':
      return criterion.criteria.some((one) => evaluate(one, resource, all));
    case 'not':
      return !evaluate(criterion.criterion, resource, all);
    case 'composite':
      return matcherOf(criterion)(resource);
    case 'filter':
      return criterion.parameter.unindexed ? matcherOf(criterion)(resource) : filter(criterion, resource);
    case 'chain':
      return criterion.targets.some(({ type, filters }) =>
        all.some(
          (other) =>
            other.resourceType === type &&
            refersTo(resource, criterion.parameter, other) &&
            filters.every((one) => evaluate(one, other, all)),
        ),
      );
    case 'has':
      return all.some(
        (other) =>
          other.resourceType === criterion.source &&
          refersTo(other, criterion.parameter, resource) &&
          criterion.filters.every((one) => evaluate(one, other, all)),
      );
    default:
      return text(criterion, resource);
  }
}

function entriesOf(resource: Known, { code, from }: SearchParameter): IndexEntry[] {
  const origins: readonly { code: string; target?: ResourceType }[] = from ?? [{ code }];
  return extract(resource).filter((entry) =>
    origins.some(
      (origin) =>
        origin.code === entry.parameter.code &&
        (origin.target === undefined || (entry.kind === 'reference' && entry.type === origin.target)),
    ),
  );
}

function filter({ parameter, modifier, values }: Filter, resource: Known): boolean {
  if (parameter.code === '_id') return values.some(({ code }) => code === resource.id);
  if (parameter.code === '_lastUpdated') return matcherOf({ op: 'filter', parameter, values })(resource);
  const entries = entriesOf(resource, parameter);
  if (modifier === 'missing') return (entries.length === 0) === (values[0]?.text === 'true');
  const any = values
    .map((value) => entryMatcher({ parameter, ...(modifier ? { modifier } : {}) }, value))
    .some((is) => entries.some(is));
  return modifier === 'not' ? !any : any;
}

const refersTo = (resource: Known, parameter: SearchParameter, other: Known): boolean =>
  entriesOf(resource, parameter).some(
    (e) => e.kind === 'reference' && e.type === other.resourceType && e.id === other.id,
  );

function text({ op, alternatives }: FullText, resource: Known): boolean {
  const words = wordsOf(op === 'text' ? narrativeText(resource) : contentText(resource));
  return alternatives.some((phrases) =>
    phrases.every((phrase) =>
      words.some((_, at) =>
        phrase.words.every((word, i) =>
          phrase.prefix && i === phrase.words.length - 1
            ? words[at + i]?.startsWith(word) === true
            : words[at + i] === word,
        ),
      ),
    ),
  );
}
