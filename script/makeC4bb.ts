/**
 * Writes test/fixture/c4bb-2.0.0.json, what the CARIN Blue Button 2.0.0 profiles ask of a resource, and
 * test/fixture/c4bb-2.0.0-example.json, the examples published with them, from the IG's package (CC0):
 * node script/makeC4bb.ts hl7.fhir.us.carin-bb-2.0.0.tgz
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  CodeSystem,
  ElementDefinition,
  Resource,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';

const [archive = ''] = process.argv.slice(2);
const unpacked = mkdtempSync(join(tmpdir(), 'c4bb-'));
execFileSync('tar', ['-xzf', archive, '-C', unpacked]);
const folder = join(unpacked, 'package');
const base = join(import.meta.dirname, '../node_modules/hl7.fhir.r4.examples');
const fixture = join(import.meta.dirname, '../test/fixture');

const profiles = [
  'ExplanationOfBenefit-Inpatient-Institutional',
  'ExplanationOfBenefit-Outpatient-Institutional',
  'ExplanationOfBenefit-Professional-NonClinician',
  'Coverage',
  'Patient',
  'Organization',
  'Practitioner',
];

const read = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
const all = <T>(from: string, type: string): T[] =>
  readdirSync(from)
    .filter((name) => name.startsWith(`${type}-`))
    .map((name) => read<T>(join(from, name)));
const byUrl = <T extends { url?: string }>(type: string): Map<string | undefined, T> =>
  new Map([...all<T>(base, type), ...all<T>(folder, type)].map((r) => [r.url, r]));

const valueSets = byUrl<ValueSet>('ValueSet');
const codeSystems = byUrl<CodeSystem>('CodeSystem');

/** Per code system its codes, or true for all of a system whose codes are licensed or not in a package. */
type Expansion = Record<string, string[] | true>;
const expansions: Record<string, Expansion> = {};

/** What a value set holds; undefined when it cannot be told from the packages. */
function expand(url: string): Expansion | undefined {
  const compose = valueSets.get(url)?.compose;
  if (!compose || compose.exclude) return undefined;
  const found: Expansion = {};
  for (const { system, concept, filter, valueSet } of compose.include) {
    if (filter) return undefined;
    for (const other of valueSet ?? []) Object.assign(found, expand(other));
    if (system === undefined) continue;
    const content = codeSystems.get(system);
    const whole = content?.content === 'complete' ? (content.concept ?? []).map((c) => c.code) : true;
    const more = concept?.map((c) => c.code) ?? whole;
    const before = found[system];
    found[system] = more === true || before === true ? true : [...(before ?? []), ...more];
  }
  return found;
}

const isSlice = (id: string): boolean => /:[^.]+$/.test(id);

/** The element in a snapshot, without what every R4 resource already has to keep to. */
function row(element: ElementDefinition): Record<string, unknown> {
  const { id = '', min = 0, max = '*', slicing, binding } = element;
  const { type = [] } = element as { type?: ElementDefinition['type'] };
  const made: Record<string, unknown> = {};
  if (min > 0) made['min'] = min;
  if (max !== '*' && (max !== element.base?.max || isSlice(id))) made['max'] = Number(max);
  for (const [key, value] of Object.entries(element))
    if (/^(pattern|fixed)[A-Z]/.test(key)) made['pattern'] = value;
  if (slicing?.discriminator) made['by'] = slicing.discriminator.map((d) => `${d.type}:${d.path}`);
  if (id.endsWith('[x]')) made['types'] = type.map((t) => t.code);
  const targets = type.flatMap((t) => t.targetProfile ?? []).map((t) => /C4BB-([A-Za-z]+)$/.exec(t)?.[1]);
  if (targets.length > 0 && !targets.includes(undefined)) made['targets'] = targets;
  if (type[0]?.code === 'Extension' && type[0].profile) made['extension'] = type[0].profile[0];
  const bound = binding?.strength === 'required' && type.every((t) => t.code === 'CodeableConcept');
  const url = binding?.valueSet?.split('|')[0] ?? '';
  const expansion = bound ? expand(url) : undefined;
  if (expansion) {
    expansions[url] = expansion;
    made['valueSet'] = url;
  }
  return made;
}

function rows(profile: string): Record<string, unknown> {
  const { snapshot } = read<StructureDefinition>(join(folder, `StructureDefinition-C4BB-${profile}.json`));
  const elements = snapshot?.element ?? [];
  const kept: Record<string, unknown> = {};
  for (const element of elements) {
    const id = element.id ?? '';
    const made = row(element);
    if (!elements.some((e) => e.id?.startsWith(`${id}:`))) delete made['by'];
    if (Object.keys(made).length > 0 || isSlice(id)) kept[id] = made;
  }
  return kept;
}

/** The examples of our profiles; displays and narrative are left out, since some are of licensed lists. */
const wanted = /^(ExplanationOfBenefit-EOB(In|Out|Prof)|Coverage-|Patient-|Organization-|Practitioner-)/;
const bare = (resource: Resource): unknown =>
  JSON.parse(
    JSON.stringify(resource, (key, value: unknown) =>
      key === 'display' || key === 'text' ? undefined : value,
    ),
  );
const examples = join(folder, 'example');

const head = {
  source: 'hl7.fhir.us.carin-bb 2.0.0',
  license: 'CC0-1.0',
  madeBy: 'script/makeC4bb.ts',
};
const lines = (record: Record<string, unknown>): string =>
  Object.entries(record)
    .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(',\n');
const body = profiles.map((p) => `  ${JSON.stringify(p)}: {\n${lines(rows(p))}\n  }`);
writeFileSync(
  join(fixture, 'c4bb-2.0.0.json'),
  `{\n  ${JSON.stringify(head).slice(1, -1)},\n${body.join(',\n')},\n  "valueSets": {\n${lines(expansions)}\n  }\n}\n`,
);
writeFileSync(
  join(fixture, 'c4bb-2.0.0-example.json'),
  `{\n  ${JSON.stringify(head).slice(1, -1)},\n  "resource": [\n${readdirSync(examples)
    .filter((name) => wanted.test(name))
    .map((name) => `    ${JSON.stringify(bare(read<Resource>(join(examples, name))))}`)
    .join(',\n')}\n  ]\n}\n`,
);
rmSync(unpacked, { recursive: true });
