import type { Identifier, Reference, Resource } from '@medplum/fhirtypes';
import type { TypedValue } from '@medplum/core';
import { amountOf } from './amount.ts';
import { byUrl, definitions, elementsOf, evaluate, type Definition } from './definitions.ts';
import { momentOf } from './moment.ts';
import type { Pair } from './oracle.ts';
import { namedBy } from './reference.ts';
import { escaped, textsOf } from './text.ts';
import { impliedSystems } from './impliedSystem.ts';
import { displaysOf, tokensOf } from './token.ts';

/** Of a list, so many items, spread evenly: the same ones each time. */
export function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)] as T);
}

export interface CaseOptions {
  readonly base: string;
  readonly values: number; // how many values of a parameter are asked for
}

/** Searches by one parameter: by values that the resources have, and by what is near them. */
export function casesOf(
  parameter: Definition,
  resources: readonly Resource[],
  { base, values }: CaseOptions,
): Pair[] {
  const { code, kind } = parameter;
  const chosen = spread(
    distinctBy(
      resources.flatMap((resource) =>
        elementsOf(resource, parameter).map((element) => ({ element, resource })),
      ),
      ({ element }) => element,
    ),
    values,
  );
  const found: Pair[] = [];
  const add = (name: string, ...texts: string[]): void => {
    for (const text of texts) if (text !== '') found.push([name, text]);
  };
  if (kind !== 'composite') add(`${code}:missing`, 'true', 'false');
  for (const { element, resource } of chosen) {
    switch (kind) {
      case 'token':
        tokenCases(add, parameter, element);
        break;
      case 'string':
        stringCases(add, code, element);
        break;
      case 'date':
        dateCases(add, code, element);
        break;
      case 'number':
      case 'quantity':
        amountCases(add, code, element);
        break;
      case 'uri':
        uriCases(add, code, String(element.value));
        if (code === 'url') versionCases(add, resource);
        break;
      case 'reference':
        referenceCases(add, parameter, element, base);
        break;
      case 'composite':
        compositeCases(add, parameter, { element, resource, base });
        break;
      default:
    }
  }
  const [one, two] = found.filter(([name]) => name === code);
  if (one && two) add(code, `${one[1]},${two[1]}`);
  return distinctBy(found, (pair) => pair);
}

const distinctBy = <T>(items: readonly T[], of: (item: T) => unknown): T[] => [
  ...new Map(items.map((item) => [JSON.stringify(of(item)), item])).values(),
];

type Add = (name: string, ...texts: string[]) => void;

const otherCase = (text: string): string =>
  Array.from(text, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join('');

function tokenCases(add: Add, parameter: Definition, element: TypedValue): void {
  const { code: name } = parameter;
  const [token] = tokensOf(element);
  if (token?.code !== undefined && token.code !== '') {
    const code = escaped(token.code);
    const system = escaped(token.system ?? '');
    add(name, code, `|${code}`, otherCase(code), `${code}x`);
    if (!token.implied) add(name, `${system}|${code}`, `urn:example:other|${code}`);
    const [implied] = (token.implied && impliedSystems(parameter)) || [];
    if (implied !== undefined) add(name, `${implied}|${code}`, `urn:example:other|${code}`);
    if (system !== '' && !token.implied) add(name, `${system}|`, `${system}|${code}x`);
    add(`${name}:not`, code, `${code},other`);
  }
  const [display] = displaysOf(element);
  if (display !== undefined && name !== '_id')
    add(`${name}:text`, escaped(display), escaped(otherCase(display.slice(0, 4))), escaped(display.slice(1)));
  if (element.type !== 'Identifier') return;
  const { type, value } = element.value as Identifier;
  const [kind] = type?.coding ?? [];
  if (kind?.code === undefined || value === undefined) return;
  const text = `${escaped(kind.system ?? '')}|${escaped(kind.code)}|${escaped(value)}`;
  add(`${name}:of-type`, text, `${text}1`);
}

function stringCases(add: Add, name: string, { type, value }: TypedValue): void {
  for (const text of spread(textsOf(type, value), 3)) {
    if (text.trim() !== text || text.length > 200) continue;
    const half = text.slice(0, Math.ceil(text.length / 2)).trim();
    const inner = text.slice(Math.floor(text.length / 3)).trim();
    add(name, ...[text, half, otherCase(half), inner].map(escaped));
    add(`${name}:exact`, ...[text, otherCase(text), half].map(escaped));
    add(`${name}:contains`, ...[inner, otherCase(inner.slice(0, 3))].map(escaped));
  }
}

const prefixes = ['', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const isDate = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

function dateCases(add: Add, name: string, element: TypedValue): void {
  if (momentOf(element) === undefined) return;
  const texts = [...JSON.stringify(element.value).matchAll(/"([^"]+)"/g)].map(([, t = '']) => t);
  for (const text of texts.filter((t) => isDate.test(t)).slice(0, 2)) {
    const shorter = [text, text.slice(0, 4), text.slice(0, 10)];
    for (const prefix of prefixes) add(name, ...shorter.map((t) => prefix + t));
    const day = text.slice(0, 10);
    if (day.length === 10) {
      add(name, `${day}T00:00:00Z`, `ge${day}T23:59:59+14:00`, `lt${day}T12:00:00.500-05:00`);
      add(name, ...[-1, 1].map((n) => new Date(Date.parse(day) + n * 86_400_000).toISOString().slice(0, 10)));
    }
  }
}

function amountCases(add: Add, name: string, element: TypedValue): void {
  const amount = amountOf(element);
  if (!amount) return;
  const number = [amount.low, amount.high].find(Number.isFinite) ?? 0;
  const { system = '', code = '', unit = '' } = amount;
  add(name, ...prefixes.map((prefix) => `${prefix}${number}`));
  add(name, String(number + 1), `le${number - 0.001}`, `ge${number}0`.replace(/^(ge-?\d+)0$/, '$1.0'));
  add(name, number.toPrecision(2), `ap${number * 1.05}`);
  if (code !== '' && system !== '') {
    const tail = `|${escaped(system)}|${escaped(code)}`;
    add(name, ...prefixes.map((prefix) => `${prefix}${number}${tail}`), `${number}|urn:example|${code}`);
  }
  for (const said of [code, unit].filter((u) => u !== '')) add(name, `${number}||${escaped(said)}`);
  if (code === 'cm')
    add(name, `gt${number / 100 - 0.01}|${system}|m`, `lt${number / 100 + 0.01}|${system}|m`);
  if (code === 'min') add(name, `${number * 60}|${system}|s`);
  if (code === 'mmol/L') add(name, `ge${number * 900}|${system}|umol/L`);
}

function uriCases(add: Add, name: string, text: string): void {
  const uri = escaped(text);
  add(name, uri, `${uri}/x`, otherCase(uri));
  const shorter = uri.slice(0, uri.lastIndexOf('/'));
  if (uri.startsWith('http')) {
    add(`${name}:below`, shorter, uri);
    add(`${name}:above`, `${uri}/x`, uri);
  }
}

/** A resource by its url and its version, and by another one. */
function versionCases(add: Add, resource: Resource): void {
  const { url, version } = resource as { url?: string; version?: string };
  if (url !== undefined && version !== undefined && resource.resourceType !== 'Device')
    add('url', ...[version, `${version}x`].map((one) => `${escaped(url)}\\|${escaped(one)}`));
}

function referenceCases(add: Add, parameter: Definition, element: TypedValue, base: string): void {
  const { code, targets } = parameter;
  for (const named of namedBy(element, base)) {
    const [, type = '', id = ''] = /^([A-Z]\w+)\/([\w.-]+)$/.exec(named) ?? [];
    if (definitions().has(type)) {
      add(code, named, `${base}/${named}`, `${named}x`);
      if (targets.includes(type)) add(`${code}:${type}`, id);
      if (targets.length > 0) add(code, id);
      const other = targets.find((t) => t !== type);
      if (other !== undefined) add(`${code}:${other}`, id);
    } else if (/^[a-z]+:/i.test(named)) add(code, escaped(named), `${escaped(named)}x`);
  }
  const canonical = typeof element.value === 'string' ? element.value : '';
  if (/^https?:[^#]*$/.test(canonical) && !canonical.startsWith(base))
    add(`${code}:below`, ...canonical.split('.').map((_, i, all) => escaped(all.slice(0, i + 1).join('.'))));
  const { identifier } = (element.type === 'Reference' ? element.value : {}) as Reference;
  if (identifier?.value !== undefined) {
    const value = escaped(identifier.value);
    add(`${code}:identifier`, value, `${escaped(identifier.system ?? '')}|${value}`, `${value}x`);
  }
}

/** For each component, what its first value is; and a value of the second that is a little off. */
interface Composed {
  readonly element: TypedValue;
  readonly resource: Resource;
  readonly base: string;
}
function compositeCases(add: Add, parameter: Definition, { element, resource, base }: Composed): void {
  const options = parameter.components.map(({ of, path }) => {
    const component = byUrl(parameter.type, of);
    const plain = evaluate(path, element, resource).flatMap((inner) => {
      const texts: string[] = [];
      const collect: Add = (name, ...all) => {
        if (name === component.code) texts.push(...all);
      };
      if (component.kind === 'token') tokenCases(collect, component, inner);
      else if (component.kind === 'string') stringCases(collect, component.code, inner);
      else if (component.kind === 'date') dateCases(collect, component.code, inner);
      else if (component.kind === 'reference') referenceCases(collect, component, inner, base);
      else if (component.kind === 'uri') uriCases(collect, component.code, String(inner.value));
      else amountCases(collect, component.code, inner);
      return texts;
    });
    return spread(
      plain.filter((t) => t !== ''),
      4,
    );
  });
  if (options.some((texts) => texts.length === 0)) return;
  const first = options.map(([text = '']) => text);
  add(parameter.code, first.join('$'));
  options.forEach((texts, i) => {
    for (const text of texts.slice(1))
      add(parameter.code, first.map((t, j) => (j === i ? text : t)).join('$'));
  });
}
