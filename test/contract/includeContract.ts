import { expect, test } from '@jest/globals';
import type { AuditEvent, Location, Patient, Resource } from '@medplum/fhirtypes';
import { parsePairs } from '../../src/search/parse.ts';
import type { SearchPage, Store } from '../../src/store/store.ts';

const location = (id: string, partOf?: string): Location & { id: string } => ({
  resourceType: 'Location',
  id,
  ...(partOf === undefined ? {} : { partOf: { reference: `Location/${partOf}` } }),
});

/** How much _include and _revinclude may add to a page. */
export function includeContract(get: () => Store): void {
  const put = (...resources: readonly (Resource & { id: string })[]): Promise<void> =>
    get().transaction(async (tx) => {
      for (const one of resources) await tx.put(one);
    });
  const asked = (...ways: readonly string[]): Promise<SearchPage> =>
    get().search(
      parsePairs('Location', [
        ['_id', 'all'],
        ...ways.map((way) => ['_revinclude', way] as [string, string]),
      ]),
    );

  test('more than 10,000 resources to include are refused, not cut off', async () => {
    await put(location('all', 'all'));
    for (let from = 0; from < 10_000; from += 500)
      await put(...Array.from({ length: 500 }, (_, i) => location(`l${from + i}`, 'all')));
    expect((await asked('Location:partof')).included.length).toBe(10_000);
    expect((await asked('*', 'Location:partof')).included.length).toBe(10_000);
    await put(location('one-more', 'all'));
    await expect(asked('Location:partof')).rejects.toMatchObject({
      status: 403,
      issue: [{ details: { coding: [{ code: 'too-costly' }] } }],
    });
  });

  test('who refers to one in two places counts once', async () => {
    const one: Patient & { id: string } = { resourceType: 'Patient', id: 'one' };
    const who = { reference: 'Patient/one' };
    const event = (id: string): AuditEvent & { id: string } => ({
      resourceType: 'AuditEvent',
      id,
      type: { code: 'rest' },
      recorded: '2025-03-01T10:00:00Z',
      source: { observer: { display: 'here' } },
      agent: [{ requestor: true, who }],
      entity: [{ what: who }],
    });
    await put(one);
    for (let from = 0; from < 5010; from += 501)
      await put(...Array.from({ length: 501 }, (_, i) => event(`e${from + i}`)));
    const pairs: [string, string][] = [
      ['_id', 'one'],
      ['_revinclude', 'AuditEvent:patient'],
    ];
    expect((await get().search(parsePairs('Patient', pairs))).included.length).toBe(5010);
  });
}
