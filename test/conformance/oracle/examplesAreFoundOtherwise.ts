import { expect, test } from '@jest/globals';
import type { CompartmentDefinition, Resource } from '@medplum/fhirtypes';
import { inCompartment } from '../../../src/interaction/search/compartment.ts';
import { parsePairs } from '../../../src/search/parse.ts';
import type { Store } from '../../../src/store/store.ts';
import { isLong } from '../../runs.ts';
import { read } from '../../validation/official.ts';
import { spread } from './cases.ts';
import { definitions, elementsOf, type Definition } from './definitions.ts';
import type { Extent } from './examplesAreFound.ts';
import { foundInOrder, isMany } from './exampleStore.ts';
import { chainedCases, filterCases, joined } from './filterCases.ts';
import { chainCases, type Link } from './linkCases.ts';
import type { Oracle } from './oracle.ts';
import { sorted, type By } from './order.ts';
import { namedBy } from './reference.ts';

export interface World {
  readonly store: Store;
  readonly oracle: Oracle;
  readonly types: readonly string[];
  readonly links: readonly Link[];
  readonly now: number;
}

/** What lies beside the plain parameters: the order of the results, `_filter`, `_list`, and compartments. */
export function examplesAreFoundOtherwise(world: () => World, { every, values }: Extent): void {
  const step = isLong ? every : every * 2 + 1; // odd: of the sorts every second one is descending
  const sometimes = <T extends { readonly type: string }>(all: readonly T[]): T[] =>
    all.filter(({ type }, i) => i % (step * (isMany(world().oracle.of(type)) ? 11 : 1)) === 0);
  const known = (type: string): Definition[] =>
    [...(definitions().get(type)?.values() ?? [])].filter(({ kind }) => kind !== 'special');

  test('each parameter sorts as the oracle does, page by page', async () => {
    const { store, oracle, types, now } = world();
    const { base } = oracle;
    const asked = types.flatMap((type) => {
      const simple = known(type).filter(({ kind }) => kind !== 'composite');
      const filled = simple.filter((p) => oracle.of(type).some((r) => elementsOf(r, p).length > 0));
      const alone = filled.flatMap((parameter): By[][] => [
        [{ parameter, descending: false }],
        [{ parameter, descending: true }],
      ]);
      const two = filled.slice(1).map((parameter, i): By[] => [
        { parameter: filled[i] ?? parameter, descending: i % 2 === 0 },
        { parameter, descending: i % 3 === 0 },
      ]);
      return [...alone, ...two].map((by) => ({ type, by }));
    });
    const differences: string[] = [];
    for (const { type, by } of sometimes(asked)) {
      const sort = by.map(({ parameter, descending }) => `${descending ? '-' : ''}${parameter.code}`).join();
      const count = Math.max(2, Math.ceil(oracle.of(type).length / 3));
      const found = await foundInOrder(store, type, [['_sort', sort]], { base, now, count });
      const expected = sorted(oracle.of(type), by, base);
      const at = expected.findIndex((id, i) => found[i] !== id);
      if (at >= 0 || found.length !== expected.length)
        differences.push(
          `${type}?_sort=${sort}: at ${at} ${found[at] ?? 'nothing'} for ${expected[at] ?? 'nothing'}`,
        );
    }
    expect(differences.slice(0, 50)).toEqual([]);
    expect(asked.length).toBeGreaterThan(2_000);
  }, 1_800_000);

  test('_filter finds what the oracle finds', async () => {
    const { store, oracle, types, links, now } = world();
    const { base } = oracle;
    const asked = types.flatMap((type) => {
      const plain = spread(
        known(type).flatMap((parameter) => filterCases(parameter, oracle, Math.min(values, 2))),
        120,
      );
      const chained = links
        .filter(({ source }) => source === type)
        .flatMap((link) => chainedCases(link, chainCases(link, links, base, 2), oracle));
      return [...plain, ...spread(joined(plain), 60), ...spread(chained, 40)].map((one) => ({ type, one }));
    });
    const differences: string[] = [];
    for (const { type, one } of sometimes(asked)) {
      const found = await foundInOrder(store, type, [['_filter', one.text]], { base, now }).catch(String);
      const expected = oracle
        .of(type)
        .filter(one.holds)
        .map(({ id }) => id ?? '');
      const said = typeof found === 'string' ? found : differs(found, expected);
      if (said !== undefined) differences.push(`${type}?_filter=${one.text}: ${said}`);
    }
    expect(differences.slice(0, 50)).toEqual([]);
    expect(asked.length).toBeGreaterThan(10_000);
  }, 1_800_000);

  test('_list finds what is in the list', async () => {
    const { store, oracle, types, now } = world();
    const item = definitions().get('List')?.get('item');
    let several = 0;
    for (const list of oracle.of('List')) {
      const named = item ? elementsOf(list, item).flatMap((e) => namedBy(e, oracle.base)) : [];
      for (const type of types) {
        const expected = oracle.of(type).filter(({ id = '' }) => named.includes(`${type}/${id}`));
        const pairs = [['_list', list.id ?? ''] as const];
        const found = await foundInOrder(store, type, pairs, { base: oracle.base, now });
        expect([list.id, type, found]).toEqual([list.id, type, expected.map(({ id }) => id)]);
        several += found.length;
      }
    }
    expect(several).toBeGreaterThan(5);
  }, 1_800_000);

  test('a compartment holds what its definition says', async () => {
    const { store, oracle, types } = world();
    const { base } = oracle;
    let several = 0;
    for (const name of ['patient', 'encounter', 'relatedPerson', 'practitioner', 'device']) {
      const { code: of, resource = [] } = read<CompartmentDefinition>(`CompartmentDefinition-${name}.json`);
      for (const { id = '' } of spread(oracle.of(of), 12))
        for (const { code: type, param = [] } of resource.filter((r) => types.includes(r.code))) {
          const inside = (r: Resource): boolean =>
            (type === of && r.id === id) ||
            param.some((code) => {
              const parameter = definitions().get(type)?.get(code);
              return (
                parameter !== undefined &&
                elementsOf(r, parameter).some((e) => namedBy(e, base).includes(`${of}/${id}`))
              );
            });
          const way = inCompartment(store.registry, { type: of, id }, type);
          const expected = oracle.of(type).filter((r) => (param.length > 0 || type === of) && inside(r));
          const query = parsePairs(type, [['_count', '1000']], { base });
          const { matches } = way ? await store.search({ ...query, filters: [way] }) : { matches: [] };
          const found = matches.map((row) => row.id);
          expect([of, id, type, found]).toEqual([of, id, type, expected.map((r) => r.id)]);
          several += found.length;
        }
    }
    expect(several).toBeGreaterThan(20);
  }, 1_800_000);
}

/** Undefined where both are the same, in the same order. */
function differs(found: readonly string[], expected: readonly string[]): string | undefined {
  if (JSON.stringify(found) === JSON.stringify(expected)) return undefined;
  const more = found.filter((id) => !expected.includes(id)).slice(0, 3);
  const less = expected.filter((id) => !found.includes(id)).slice(0, 3);
  return more.length + less.length === 0
    ? 'in another order'
    : `wrongly found ${more.join()}; missed ${less.join()}`;
}
