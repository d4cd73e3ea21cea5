/**
 * Writes profiles/structure/summary.json, which elements a summary keeps, from the official StructureDefinitions of R4
 * (npm hl7.fhir.r4.examples 4.0.1, CC0). Run it with: npm run profiles
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

const source = new URL('../node_modules/hl7.fhir.r4.examples/', import.meta.url);
const target = new URL('../profiles/structure/summary.json', import.meta.url);

interface Element {
  readonly name: string; // as in JSON: a choice is given once for each type
  readonly type: string; // a data type, a backbone's path, or '' where nothing is below
  readonly flag: { readonly summary: boolean; readonly modifier: boolean; readonly mandatory: boolean };
}
const types = new Map<string, Element[]>();
const resources: string[] = [];

const upper = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function elementsOf(element: ElementDefinition, last: string): Element[] {
  const flag = {
    summary: element.isSummary === true,
    modifier: element.isModifier === true,
    mandatory: (element.min ?? 0) > 0,
  };
  if (element.contentReference) return [{ name: last, type: element.contentReference.slice(1), flag }];
  return (element.type ?? []).map(({ code }) => {
    const type = /^(?:Backbone)?Element$/.test(code) ? element.path : /^[A-Z]/.test(code) ? code : '';
    return { name: last.endsWith('[x]') ? last.slice(0, -3) + upper(code) : last, type, flag };
  });
}

for (const name of readdirSync(source).filter((file) => file.startsWith('StructureDefinition-'))) {
  const definition = JSON.parse(readFileSync(new URL(name, source), 'utf8')) as StructureDefinition;
  if (definition.derivation === 'constraint' || definition.abstract) continue;
  if (definition.kind !== 'resource' && definition.kind !== 'complex-type') continue;
  if (definition.kind === 'resource') resources.push(definition.type);
  for (const element of definition.snapshot?.element.slice(1) ?? []) {
    const cut = element.path.lastIndexOf('.');
    const owner = element.path.slice(0, cut);
    const list = types.get(owner) ?? [];
    types.set(owner, list);
    list.push(...elementsOf(element, element.path.slice(cut + 1)));
  }
}

/** A type is whole when a summary keeps all of it, or when nothing says what it would keep. */
function isWhole(type: string, above: readonly string[] = []): boolean {
  const elements = (types.get(type) ?? []).filter(({ name }) => name !== 'id' && !/xtension$/.test(name));
  if (above.includes(type) || !elements.some(({ flag }) => flag.summary)) return true;
  return elements.every(({ flag, type: below }) => flag.summary && isWhole(below, [...above, type]));
}

const kept: Record<string, string> = {};
function keep(type: string): void {
  if (kept[type] !== undefined) return;
  const words = (types.get(type) ?? [])
    .filter(({ flag }) => flag.summary)
    .map((element) => ({ ...element, part: isWhole(element.type) ? '' : element.type }));
  kept[type] = words.map(({ name, part }) => (part === '' ? name : `${name}:${part}`)).join(' ');
  for (const { part } of words) if (part !== '') keep(part);
}
for (const type of resources.sort()) keep(type);

const flagged = (flag: 'modifier' | 'mandatory'): Record<string, string> =>
  Object.fromEntries(
    resources.map((type) => {
      const names = (types.get(type) ?? []).filter((element) => element.flag[flag]).map(({ name }) => name);
      return [type, names.join(' ')];
    }),
  );

const rows = (record: Record<string, string>): string =>
  Object.keys(record)
    .filter((key) => record[key] !== '')
    .sort()
    .map((key) => `    ${JSON.stringify(key)}: ${JSON.stringify(record[key])}`)
    .join(',\n');
const elements = Object.fromEntries(
  resources.map((type) => [type, (types.get(type) ?? []).map(({ name }) => name).join(' ')]),
);
writeFileSync(
  target,
  `{
  "source": "HL7 FHIR R4 4.0.1, StructureDefinitions (CC0), npm hl7.fhir.r4.examples 4.0.1",
  "elements": {\n${rows(elements)}\n  },
  "summary": {\n${rows(kept)}\n  },
  "modifier": {\n${rows(flagged('modifier'))}\n  },
  "mandatory": {\n${rows(flagged('mandatory'))}\n  }
}
`,
);
