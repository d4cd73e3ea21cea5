import type { ResourceType } from '@medplum/fhirtypes';
import { parsePairs } from '../../search/parse.ts';
import type { Criterion } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';
import type { EverythingAsked } from './asked.ts';

/** The parameter that says when care was given, the first that a type has: not when it was written down. */
const codes = [
  'service-date',
  'date',
  'occurrence',
  'effective-time',
  'effective',
  'onset-date',
  'performed',
  'period',
  'started',
  'collected',
  'whenhandedover',
  'authoredon',
  'authored-on',
  'authored',
  'created',
  'sent',
  'issued',
];

/** What care from `start` to `end` means for a type; what tells no date is in it. Undefined when all of it is. */
export function careDate(
  registry: Registry,
  type: ResourceType,
  { start, end }: EverythingAsked,
): Criterion | undefined {
  if (start === undefined && end === undefined) return undefined;
  const named = registry.parametersOf(type);
  const code = codes.find((c) => named.get(c)?.kind === 'date');
  const parameter = code === undefined ? undefined : named.get(code);
  if (code === undefined || !parameter) return undefined;
  const pairs: [string, string][] = [];
  if (start !== undefined) pairs.push([code, `ge${start}`]);
  if (end !== undefined) pairs.push([code, `le${end}`]);
  const within = parsePairs(type, pairs, { registry }).filters;
  const untold: Criterion = { op: 'filter', parameter, modifier: 'missing', values: [{ text: 'true' }] };
  return { op: 'or', criteria: [{ op: 'and', criteria: within }, untold] };
}
