import { readFileSync } from 'node:fs';
import type { ResourceType } from '@medplum/fhirtypes';
import { ownParameters } from '../../search/parameter.ts';

/** Which official SearchParameter is meant, where its id is not type and code: script/makeSearchDefinition.ts */
const { shared } = JSON.parse(
  readFileSync(new URL('../../../profiles/search/definition.json', import.meta.url), 'utf8'),
) as { readonly shared: Readonly<Record<string, Readonly<Record<string, string>>>> };

const official = 'http://hl7.org/fhir/SearchParameter/';
const own = new Map(ownParameters.flatMap((p) => p.base.map((type) => [`${type} ${p.code}`, p.url])));

/** The canonical of the definition of a search parameter that is shipped. */
export const searchDefinition = (type: ResourceType, code: string): string =>
  own.get(`${type} ${code}`) ??
  `${official}${shared[type]?.[code] ?? shared['Resource']?.[code] ?? `${type}-${code}`}`;
