import type { Bundle, ChargeItem, Claim, ClaimResponse, Resource } from '@medplum/fhirtypes';
import { expect, test } from '@jest/globals';
import { FhirError } from '../../src/outcome/fhirError.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { runOperation } from '../../src/operation/run.ts';
import { story1, story10, story4 } from '../payer/stories.ts';
import { chart, practice, type Practice } from './practice.ts';

async function send<T extends Resource = ClaimResponse>(p: Practice, body: Resource): Promise<T> {
  const { body: text } = await runOperation(p.context, {
    code: 'submit',
    target: { type: 'Claim' },
    method: 'POST',
    body,
  });
  return JSON.parse(String(text)) as T;
}
/** On the day of a story: a claim is judged by the day it is sent. */
const onDayOf = (story = story1): Promise<Practice> => practice({ now: () => `${story.on}T20:00:00Z` });

/** A claim as another system would hand it in: not stored here, its charges are. */
async function foreign(p: Practice, story = story1): Promise<Claim> {
  const id = await chart(p, story);
  const claim = structuredClone(await p.read<Claim>('Claim', id));
  await p.context.store.transaction((tx) => tx.delete('Claim', id));
  return claim;
}
const without = (claim: Claim, ...keys: (keyof Claim)[]): Claim =>
  Object.fromEntries(
    Object.entries(claim).filter(([key]) => !keys.includes(key as keyof Claim)),
  ) as unknown as Claim;
const refusal = (error: unknown) => {
  if (!(error instanceof FhirError)) throw error;
  return [error.status, ...error.issue.map((i) => `${codeOfIssue(i) ?? ''} ${i.expression?.[0] ?? ''}`)];
};

test('a Claim not yet stored is stored and answered', async () => {
  const p = await onDayOf();
  const claim = without(await foreign(p), 'id', 'meta');
  const answer = await send(p, claim);
  expect(answer.payment?.amount.value).toBe(149.92);
  const [stored] = await p.all<Claim>('Claim');
  expect(answer.request?.reference).toBe(`Claim/${stored?.id ?? ''}`);
  expect(stored?.status).toBe('active');
});

test.each<[string, (keyof Claim)[]]>([
  ['its patient control number', ['id', 'meta']],
  ['its content', ['id', 'meta', 'identifier']],
])('the same Claim twice is one claim, known by %s', async (_name, left) => {
  const p = await practice();
  const claim = without(await foreign(p), ...left);
  const first = await send(p, claim);
  expect(await send(p, claim)).toEqual(first);
  expect(await p.all('Claim')).toHaveLength(1);
});

test('a stored draft is sent under its id, with what it says now', async () => {
  const p = await onDayOf(story4);
  const id = await chart(p, story4);
  const draft = await p.read<Claim>('Claim', id);
  const [insurance] = draft.insurance;
  if (insurance) insurance.preAuthRef = ['AUTH1'];
  const answer = await send(p, draft);
  expect(answer.request?.reference).toBe(`Claim/${id}`);
  expect(answer.payment?.amount.value).toBe(1718.39);
});

test('other content under the name of a submitted claim is 409', async () => {
  const p = await practice();
  const id = await chart(p, story1);
  await p.submit(id);
  const changed = {
    ...(await p.read<Claim>('Claim', id)),
    billablePeriod: { start: '2026-01-19', end: '2026-01-20' },
  };
  await expect(send(p, changed).catch(refusal)).resolves.toEqual([409, 'claim-already-submitted Claim']);
});

test('a Bundle of Claims is answered by a Bundle of ClaimResponses in the same order', async () => {
  const p = await practice();
  const claims = [await chart(p, story10), await chart(p, story1)];
  const entry = await Promise.all(claims.map(async (id) => ({ resource: await p.read<Claim>('Claim', id) })));
  const bundle = await send<Bundle<ClaimResponse>>(p, { resourceType: 'Bundle', type: 'collection', entry });
  expect(bundle.entry?.map((e) => e.resource?.request?.reference)).toEqual(claims.map((id) => `Claim/${id}`));
});

test('a Bundle with something else, or another resource, is refused wholly', async () => {
  const p = await practice();
  const claim = await p.read<Claim>('Claim', await chart(p, story1));
  const patient = { resourceType: 'Patient', id: 'x' } as const;
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource: claim }, { resource: patient }],
  };
  const place = "Parameters.parameter.where(name='resource').resource";
  await expect(send(p, bundle).catch(refusal)).resolves.toEqual([
    422,
    `not-a-claim ${place}.entry[1].resource`,
  ]);
  await expect(send(p, patient).catch(refusal)).resolves.toEqual([422, `not-a-claim ${place}`]);
  expect(await p.all('ClaimResponse')).toEqual([]);
});

test('a Claim that others made, without charges of ours, is charged line by line and then billed', async () => {
  const p = await onDayOf();
  const claim = without(await foreign(p), 'id', 'meta', 'extension', 'identifier');
  for (const item of claim.item ?? []) {
    delete item.extension;
    delete item.encounter;
  }
  const own = await p.all('ChargeItem');
  await p.context.store.transaction(async (tx) => {
    for (const { id = '' } of own) await tx.delete('ChargeItem', id);
  });
  const before = (await p.journal()).length;
  const answer = await send(p, claim);
  expect(answer.payment?.amount.value).toBe(149.92);
  const charges = await p.all<ChargeItem>('ChargeItem');
  expect(charges.map((c) => [c.code.coding?.[0]?.code, c.priceOverride?.value, c.status])).toEqual([
    ['T1015', 168.45, 'billed'],
    ['Q2038', 41.2, 'billed'],
    ['G0008', 36.75, 'billed'],
  ]);
  const reasons = (await p.journal()).slice(before).map((e) => e.reason);
  expect(reasons).toEqual([
    ...['charge-captured', 'charge-captured', 'charge-captured', 'claim-submitted'],
    ...['contractual', 'insurer-payment', 'patient-share'],
  ]);
  expect(await send(p, claim)).toEqual(answer);
  expect(await p.all('ChargeItem')).toHaveLength(3);
});
