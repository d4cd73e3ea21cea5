/**
 * Writes profiles/search/definition.json, which official SearchParameter each parameter of R4 is, where its id is not
 * simply type and code (npm hl7.fhir.r4.examples 4.0.1, CC0). Run it with: npm run profiles
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { SearchParameter } from '@medplum/fhirtypes';

const source = new URL('../node_modules/hl7.fhir.r4.examples/', import.meta.url);
const target = new URL('../profiles/search/definition.json', import.meta.url);
const base = 'http://hl7.org/fhir/SearchParameter/';
/** Examples and parameters on extensions; they are not part of the base specification. */
const notBase = /-extensions-|-genetic-|^example/;

const shared: Record<string, Record<string, string>> = {};
for (const name of readdirSync(source).filter((file) => file.startsWith('SearchParameter-'))) {
  const parameter = JSON.parse(readFileSync(new URL(name, source), 'utf8')) as Partial<SearchParameter>;
  const { id = '', url = '', code = '' } = parameter;
  if (notBase.test(id) || !url.startsWith(base)) continue;
  for (const type of parameter.base ?? [])
    if (url !== `${base}${type}-${code}`) (shared[type] ??= {})[code] = url.slice(base.length);
}
const rows = Object.keys(shared)
  .sort()
  .map((type) => `    ${JSON.stringify(type)}: ${JSON.stringify(shared[type])}`)
  .join(',\n');
writeFileSync(
  target,
  `{
  "source": "HL7 FHIR R4 4.0.1, SearchParameters (CC0), npm hl7.fhir.r4.examples 4.0.1",
  "shared": {\n${rows}\n  }
}
`,
);
