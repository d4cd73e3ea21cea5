import type { Bundle, Parameters, Resource } from '@medplum/fhirtypes';
import { afterEach, expect, test } from '@jest/globals';
import { kneeVisit } from '../fixture/kneeVisit.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { startServer, type RunningServer } from '../server.ts';

/** The road over HTTP, each step asked for a hundred times at once: done once, answered a hundred times alike. */
const stores: [string, () => Promise<Record<string, string>>][] = [
  ['SQLite', () => Promise.resolve({})],
  ['MongoDB', async () => ({ CLAIMWRIGHT_STORE: await emptyDatabase('hundred') })],
];
let server: RunningServer;
afterEach(async () => {
  await server.stop();
  server.remove();
});

const empty: Parameters = { resourceType: 'Parameters' };
const headers = { 'content-type': 'application/fhir+json' };

async function post(path: string, body: Resource): Promise<{ status: number; body: Resource }> {
  const answer = await fetch(`${server.base}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Resource };
}

/** Which versions an answer speaks of: Type/id/version of the resource, or of each named one. */
const versionsOf = (resource: Resource): string[] => {
  const all =
    resource.resourceType === 'Parameters' ? (resource.parameter ?? []).map((p) => p.resource) : [resource];
  return all.flatMap((r) =>
    r?.id === undefined ? [] : [`${r.resourceType}/${r.id}/${r.meta?.versionId ?? ''}`],
  );
};

async function hundredTimes(path: string, body: Resource): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(path, body)));
  expect(new Set(answers.map((a) => a.status))).toEqual(new Set([200]));
  const said = new Set(answers.map((a) => versionsOf(a.body).join(' ')));
  expect(said.size).toBe(1);
  return versionsOf(answers[0]?.body ?? empty);
}

const count = async (query: string): Promise<number | undefined> =>
  ((await (await fetch(`${server.base}/${query}&_count=0&_total=accurate`)).json()) as Bundle).total;
const idIn = (versions: readonly string[], type: string): string =>
  versions.find((v) => v.startsWith(`${type}/`))?.split('/')[1] ?? '';

test.each(stores)(
  'on %s, a hundred at once make one claim, one answer, one Invoice and one receipt',
  async (_, settings) => {
    server = await startServer(await settings());
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    await post('', kneeVisit('crowd', yesterday));

    const claim = idIn(await hundredTimes('/Encounter/crowd-visit/$generate-claim', empty), 'Claim');
    expect(await count('Claim?encounter=Encounter/crowd-visit')).toBe(1);
    expect(await count('ChargeItem?context=Encounter/crowd-visit')).toBe(2);

    await hundredTimes(`/Claim/${claim}/$submit`, empty);
    expect(await count(`ClaimResponse?request=Claim/${claim}`)).toBe(1);
    expect(await count(`ExplanationOfBenefit?claim=Claim/${claim}`)).toBe(1);

    const found = (await (
      await fetch(`${server.base}/ExplanationOfBenefit?claim=Claim/${claim}`)
    ).json()) as Bundle;
    const eob = found.entry?.[0]?.resource?.id ?? '';
    const invoice = idIn(
      await hundredTimes(`/ExplanationOfBenefit/${eob}/$generate-invoice`, empty),
      'Invoice',
    );
    expect(await count('Invoice?patient=Patient/crowd')).toBe(1);

    const receipts = await hundredTimes(`/Invoice/${invoice}/$record-payment`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'amount', valueMoney: { value: 41.72, currency: 'USD' } },
        { name: 'method', valueCode: 'cash' },
        { name: 'reference', valueString: 'crowd-1' },
      ],
    });
    expect(receipts.map((r) => r.split('/')[0])).toEqual(['PaymentNotice', 'Invoice']);
    const balance = (await (
      await fetch(`${server.base}/${(await accountOf(invoice)) ?? ''}/$balance`)
    ).json()) as Parameters;
    expect(balance.parameter?.find((p) => p.name === 'total')?.valueMoney?.value).toBe(0);
  },
);

async function accountOf(invoice: string): Promise<string | undefined> {
  const read = (await (await fetch(`${server.base}/Invoice/${invoice}`)).json()) as Resource;
  return read.resourceType === 'Invoice' ? read.account?.reference : undefined;
}
