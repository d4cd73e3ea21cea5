import type { Parameters, ResourceType } from '@medplum/fhirtypes';
import { epochOf } from '../../datatypes/date.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { parameter, parameters } from '../parameters.ts';

/** What an $everything asks for. See https://hl7.org/fhir/R4/patient-operation-everything.html */
export interface EverythingAsked {
  readonly start?: string; // FHIR date: care on or after it
  readonly end?: string;
  readonly since?: string; // instant: written at or after it
  readonly types?: readonly ResourceType[];
  readonly count: number; // resources of a page
  readonly cursor?: string;
  /** The same question as a query, without its cursor. */
  readonly pairs: readonly (readonly [string, string])[];
}

/** A page never holds more: the record goes on behind its link `next`. */
const countMax = 1000;

export function everythingAsked(input: Parameters): EverythingAsked {
  const start = parameter(input, 'start')?.valueDate;
  const end = parameter(input, 'end')?.valueDate;
  const since = parameter(input, '_since')?.valueInstant;
  const count = parameter(input, '_count')?.valueInteger;
  const cursor = parameter(input, '_cursor')?.valueString;
  const types = parameters(input, '_type').flatMap((p) => (p.valueCode ?? '').split(','));
  for (const [name, date] of [
    ['start', start],
    ['end', end],
  ] as const)
    if (date !== undefined && epochOf(date) === undefined)
      throw badRequest('malformed-value', `${name} must be a date`);
  if (since !== undefined && epochOf(since) === undefined)
    throw badRequest('malformed-value', '_since must be an instant');
  if (count !== undefined && count < 1) throw badRequest('malformed-value', '_count must be at least 1');
  const known = types.map((type) => {
    if (isResourceType(type)) return type;
    throw badRequest('malformed-value', `_type names ${type.slice(0, 64)}, which is no resource type of R4`);
  });
  const pairs = [
    ['start', start],
    ['end', end],
    ['_since', since],
    ['_type', known.length > 0 ? known.join() : undefined],
    ['_count', count?.toString()],
  ].flatMap(([name = '', value]) => (value === undefined ? [] : [[name, value] as const]));
  return {
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(since === undefined ? {} : { since }),
    ...(known.length > 0 ? { types: known } : {}),
    count: Math.min(count ?? countMax, countMax),
    ...(cursor === undefined ? {} : { cursor }),
    pairs,
  };
}
