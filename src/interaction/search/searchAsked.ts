import type { ResourceType } from '@medplum/fhirtypes';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { readPairs } from '../rest/strictJson.ts';
import type { FhirRequest } from '../rest/request.ts';
import type { Pair } from './searchQuery.ts';
import { takeShape, type Shape } from './summary.ts';

/** A search as it was asked: its criteria, and how the answer is to be written. */
export interface Asked {
  /** The parameters of the self link: all but those of the transport and those without a value. */
  readonly pairs: readonly Pair[];
  /** What search/parse.ts reads. */
  readonly criteria: readonly Pair[];
  readonly types?: readonly ResourceType[]; // _type
  readonly cursor?: string;
  readonly shape?: Shape;
  readonly explain: boolean;
}

/** Parameters that the transport handles. */
const transport = new Set(['_format', '_pretty']);
/** Parameters that this layer handles, for every type. */
const ours = new Set(['_type', '_explain', '_cursor']);

/** Reads the query of a search; 400 for what is malformed. */
export function searchAsked(request: FhirRequest): Asked {
  const pairs = readPairs(request.query).filter(([name]) => !transport.has(name));
  const { shape, rest } = takeShape(pairs);
  const type = once(pairs, '_type');
  const cursor = once(pairs, '_cursor');
  const explain = once(pairs, '_explain');
  if (explain !== undefined && explain !== 'true' && explain !== 'false')
    throw badRequest('malformed-value', '_explain is either true or false');
  return {
    pairs: pairs.filter(([, value]) => value !== ''),
    criteria: rest.filter(([name]) => !ours.has(name)),
    ...(type === undefined ? {} : { types: typesOf(type) }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(shape ? { shape } : {}),
    explain: explain === 'true',
  };
}

function once(pairs: readonly Pair[], name: string): string | undefined {
  const values = pairs.filter(([n]) => n === name);
  if (values.length > 1) throw badRequest('repeated-parameter', `${name} can be given only once`);
  return values[0]?.[1];
}

function typesOf(text: string): ResourceType[] {
  const names = [...new Set(text.split(','))];
  return names.map((name) => {
    if (!isResourceType(name))
      throw badRequest(
        'malformed-value',
        `_type names ${name.slice(0, 64)}, which is no resource type of R4`,
      );
    return name;
  });
}
