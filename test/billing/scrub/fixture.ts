import { readFileSync } from 'node:fs';
import type { Bundle, Claim, Resource } from '@medplum/fhirtypes';
import type { ScrubInput } from '../../../src/billing/scrub/rule.ts';

const texts = new Map<string, string>();

/** A fixture, read once and parsed afresh. */
function read(name: string): unknown {
  const text =
    texts.get(name) ?? readFileSync(new URL(`../../fixture/${name}.json`, import.meta.url), 'utf8');
  texts.set(name, text);
  return JSON.parse(text);
}

export type ClaimName = 'minimal' | 'complete' | 'institutional' | 'ambulance' | 'oral' | 'pharmacy';
export const claimNames: readonly ClaimName[] = ['minimal', 'complete', 'institutional', 'ambulance'];

export const claimOf = (name: ClaimName): Claim => read(`claim-${name}`) as Claim;

/** Every party of the fixture claims, afresh: the caller may change them. */
export const partiesOf = (): Map<string, Resource> =>
  new Map(
    ((read('bundle-claim-parties') as Bundle).entry ?? []).flatMap(({ resource }) =>
      resource ? [[`${resource.resourceType}/${resource.id ?? ''}`, resource] as const] : [],
    ),
  );

/** What is needed to scrub a fixture claim, afresh. */
export const inputOf = (name: ClaimName, over: Partial<ScrubInput> = {}): ScrubInput => ({
  claim: claimOf(name),
  on: '2026-09-01',
  known: partiesOf(),
  earlier: [],
  plan: { authorization: new Set() },
  ...over,
});
