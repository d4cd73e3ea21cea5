/**
 * Writes test/fixture/profile/NAME.json.gz, what the profiles of a published implementation guide ask of a resource and
 * the examples published with them, from the guide's package (CC0):
 * node script/makeProfiles.ts hl7.fhir.us.carin-bb-2.0.0.tgz hl7.fhir.us.core-3.1.1.tgz …
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type {
  CodeSystem,
  CodeSystemConcept,
  ElementDefinition,
  Resource,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';

const base = join(import.meta.dirname, '../node_modules/hl7.fhir.r4.examples');
const target = join(import.meta.dirname, '../test/fixture/profile');

/** Invariants of every element or resource of R4: they are no matter of a profile. */
const general = /^(ele|ext|dom)-/;

const read = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
const all = <T>(from: string, type: string): T[] =>
  readdirSync(from)
    .filter((name) => name.startsWith(`${type}-`))
    .map((name) => read<T>(join(from, name)));

/** Per code system its codes, or true for all of a system whose codes are licensed or not in a package. */
type Expansion = Record<string, string[] | true>;

const codesOf = (concepts: readonly CodeSystemConcept[] = []): string[] =>
  concepts.flatMap((c) => [c.code, ...codesOf(c.concept)]);

/** What a row keeps of an ElementDefinition: what a checker can decide. */
function row(element: ElementDefinition): Record<string, unknown> {
  const { id = '', min = 0, max = '*', slicing, binding, constraint, mustSupport } = element;
  const { type = [] } = element as { type?: ElementDefinition['type'] };
  const made: Record<string, unknown> = { id };
  if (min > 0) made['min'] = min;
  if (max !== '*') made['max'] = Number(max);
  for (const [key, value] of Object.entries(element)) {
    if (key.startsWith('fixed')) made['fixed'] = value;
    if (key.startsWith('pattern')) made['pattern'] = value;
  }
  if (slicing)
    made['slicing'] = {
      by: (slicing.discriminator ?? []).map((d) => ({ type: d.type, path: d.path })),
      rules: slicing.rules,
    };
  if (type.length > 0)
    made['type'] = type.map(({ code, profile, targetProfile }) => ({
      code,
      ...(profile ? { profile } : {}),
      ...(targetProfile ? { targetProfile } : {}),
    }));
  if (binding?.strength === 'required') made['binding'] = binding.valueSet?.split('|')[0];
  const kept = (constraint ?? []).filter(
    (c) => c.expression !== undefined && !general.test(c.key) && c.severity === 'error',
  );
  if (kept.length > 0) made['constraint'] = kept.map(({ key, expression }) => ({ key, expression }));
  if (mustSupport === true) made['mustSupport'] = true;
  return made;
}

const leftOut = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Left out</div>' };

/** Without displays, texts of codes and narrative: some are of licensed lists. */
const bare = (resource: Resource): unknown =>
  JSON.parse(
    JSON.stringify(resource, (key, value: unknown) => {
      if (key === 'display') return undefined;
      if (key === 'text' && typeof value === 'object') return leftOut;
      if (typeof value !== 'object' || value === null || !('coding' in value)) return value;
      return { ...value, text: undefined };
    }),
  );

/** The value sets that the invariants of a row name. */
const named = (element: Record<string, unknown>): string[] =>
  [...JSON.stringify(element['constraint'] ?? '').matchAll(/memberOf\('([^']+)'\)/g)].flatMap(
    ([, url]) => url ?? [],
  );

function make(archive: string): void {
  const unpacked = mkdtempSync(join(tmpdir(), 'guide-'));
  execFileSync('tar', ['-xzf', archive, '-C', unpacked]);
  const folder = join(unpacked, 'package');
  const byUrl = <T extends { url?: string }>(type: string): Map<string | undefined, T> =>
    new Map([...all<T>(base, type), ...all<T>(folder, type)].map((r) => [r.url, r]));
  const valueSets = byUrl<ValueSet>('ValueSet');
  const codeSystems = byUrl<CodeSystem>('CodeSystem');

  /** What a value set holds at most: filters and exclusions are not applied. Undefined: not in the packages. */
  const expand = (url: string): Expansion | undefined => {
    const compose = valueSets.get(url.split('|')[0])?.compose;
    if (!compose) return undefined;
    const found: Expansion = {};
    for (const { system, concept, filter, valueSet } of compose.include) {
      for (const other of valueSet ?? []) {
        const more = expand(other);
        if (!more) return undefined;
        Object.assign(found, more);
      }
      if (system === undefined) continue;
      const content = codeSystems.get(system);
      const whole = content?.content === 'complete' && !filter ? codesOf(content.concept) : true;
      const more = concept?.map((c) => c.code) ?? whole;
      const before = found[system];
      found[system] = more === true || before === true ? true : [...(before ?? []), ...more];
    }
    return found;
  };

  const definitions = all<StructureDefinition>(folder, 'StructureDefinition').filter(
    (d) => d.snapshot && d.derivation === 'constraint',
  );
  const profiles: Record<string, unknown> = {};
  const expansions: Record<string, Expansion> = {};
  for (const { url, type, snapshot } of definitions) {
    const element = (snapshot?.element ?? []).map(row);
    profiles[url] = { type, element };
    for (const bound of element.flatMap((e) => [e['binding'], ...named(e)])) {
      const expansion = typeof bound === 'string' ? expand(bound) : undefined;
      if (expansion) expansions[String(bound)] = expansion;
    }
  }
  const examples = join(folder, 'example');
  const types = new Set(definitions.map((d) => d.type));
  const example = readdirSync(examples)
    .filter((name) => name.endsWith('.json'))
    .map((name) => read<Resource>(join(examples, name)))
    .filter((r) => types.has(r.resourceType))
    .map(bare);
  const name = basename(archive, '.tgz');
  const made = {
    source: name,
    license: 'CC0-1.0',
    madeBy: 'script/makeProfiles.ts',
    profiles,
    valueSets: expansions,
    example,
  };
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, `${name}.json.gz`), gzipSync(JSON.stringify(made), { level: 9 }));
  rmSync(unpacked, { recursive: true });
}

for (const archive of process.argv.slice(2)) make(archive);
