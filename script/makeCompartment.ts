/**
 * Writes profiles/compartment from the official CompartmentDefinitions of R4, without their narrative
 * (npm hl7.fhir.r4.examples 4.0.1, CC0). Run it with: npm run profiles
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { CompartmentDefinition } from '@medplum/fhirtypes';

const source = new URL('../node_modules/hl7.fhir.r4.examples/', import.meta.url);
const target = new URL('../profiles/compartment/', import.meta.url);

mkdirSync(target, { recursive: true });
for (const id of ['patient', 'encounter', 'relatedPerson', 'practitioner', 'device']) {
  const name = `CompartmentDefinition-${id}.json`;
  const definition = JSON.parse(readFileSync(new URL(name, source), 'utf8')) as CompartmentDefinition;
  const { text: _narrative, resource = [], ...rest } = definition;
  const rows = resource.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  const head = JSON.stringify(rest, undefined, 2).slice(0, -2);
  writeFileSync(new URL(name, target), `${head},\n  "resource": [\n${rows}\n  ]\n}\n`);
}
