import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  Invoice,
  MedicationAdministration,
  Parameters,
  ParametersParameter,
} from '@medplum/fhirtypes';
import { readClock } from '../../../src/command/seed/clock.ts';
import { storeFaults } from '../../../src/command/verify/readBooks.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { system } from '../../../src/terminology/system.ts';
import { oracle } from '../../scenario/oracle.ts';
import { openPractice, type Practice } from '../../scenario/practice.ts';
import { claimOf, decisionOf, explanationsOf } from '../../scenario/reading.ts';
import { directoryMailbox, openRoad, sftpMailbox, type Road } from './road.ts';
import { standing } from './standing.ts';

/** What follows upon the stories, with the payers at the other end of a mailbox, beside the same over FHIR. */
interface Days {
  readonly sent: string;
  readonly answered: string;
}

/** A practice, and how its claims are answered. */
interface Side {
  readonly practice: Practice;
  submit(claim: Claim, days: Days): Promise<void>;
}

const on = (day: string): ParametersParameter => ({ name: 'businessDate', valueDate: day });
const reason: ParametersParameter = { name: 'reason', valueString: 'it was wrong' };

const overFhir = (practice: Practice): Side => ({
  practice,
  submit: async ({ id = '' }, { sent, answered }) => {
    await practice.call(`Claim/${id}/$submit`, [on(sent), { name: 'answeredOn', valueDate: answered }]);
  },
});

const overX12 = (road: Road): Side => ({
  practice: road,
  submit: async ({ id = '' }, days) => {
    road.setDay(days.sent);
    const answer = await road.call<ClaimResponse>(`Claim/${id}/$submit`, [on(days.sent)]);
    expect(answer.outcome).toBe('queued');
    await road.settle(days);
  },
});

/** $correct or $void of the claim of a story; what it drafted is changed and sent. */
async function redo(
  side: Side,
  of: { readonly claim: Claim; readonly code: 'correct' | 'void'; readonly days: Days },
  change: (draft: Claim) => Promise<unknown> = () => Promise.resolve(),
): Promise<Claim> {
  const { practice } = side;
  const { claim, code, days } = of;
  const drafted = await practice.call(`Claim/${claim.id ?? ''}/$${code}`, [on(days.sent), reason]);
  const draft = drafted.parameter?.find((p) => p.name === 'claim')?.resource as Claim;
  await change(draft);
  await side.submit(draft, days);
  return practice.read<Claim>(`Claim/${draft.id ?? ''}`);
}

async function invoice({ practice }: Side, claim: Claim, day: string): Promise<void> {
  for (const { id = '' } of (await explanationsOf(practice, claim)).filter((e) => e.status === 'active'))
    await practice.call(`ExplanationOfBenefit/${id}/$generate-invoice`, [on(day)]);
}

/** The steps of each story; answers with the claims that they are about. */
const steps: Readonly<Record<string, (side: Side) => Promise<readonly Claim[]>>> = {
  '4 a cured denial': async (side) => {
    const claim = await claimOf(side.practice, '4');
    const days = { sent: '2026-06-01', answered: '2026-06-15' };
    const part = [
      { name: 'element', valueCode: 'authorization-number' },
      { name: 'value', valueString: 'AUTH-77' },
      { name: 'reason', valueString: 'granted afterwards' },
    ];
    const cured = await redo(side, { claim, code: 'correct', days }, ({ id = '' }) =>
      side.practice.call(`Claim/${id}/$edit`, [{ name: 'edit', part }]),
    );
    await invoice(side, cured, days.answered);
    return [claim, cured];
  },
  '6 a document that was asked for': async (side) => {
    const { practice } = side;
    const claim = await claimOf(practice, '6');
    const valueAttachment = { contentType: 'application/pdf', title: 'Order', data: 'JVBERi0xLjQK' };
    const category = { coding: [{ system: system.supportingInfo, code: 'attachment' }] };
    const sequence = 1 + Math.max(0, ...(claim.supportingInfo ?? []).map((s) => s.sequence));
    const { supportingInfo = [] } = claim;
    await practice.put({
      ...claim,
      supportingInfo: [...supportingInfo, { sequence, category, valueAttachment }],
    });
    const days = { sent: '2026-07-01', answered: '2026-07-15' };
    await side.submit(claim, days);
    await invoice(side, claim, days.answered);
    return [claim];
  },
  '2 a correction of what was paid': async (side) => {
    const { practice } = side;
    const claim = await claimOf(practice, '2');
    const path = 'MedicationAdministration/story-02-triamcinolone';
    const given = await practice.read<MedicationAdministration>(path);
    const dose = { ...given.dosage?.dose, value: 80 };
    await practice.put({ ...given, dosage: { ...given.dosage, dose } });
    const days = { sent: '2026-04-10', answered: '2026-04-24' };
    const corrected = await redo(side, { claim, code: 'correct', days });
    await invoice(side, corrected, days.answered);
    return [claim, corrected];
  },
  '1 a void': async (side) => {
    const claim = await claimOf(side.practice, '1');
    const days = { sent: '2026-02-20', answered: '2026-03-06' };
    return [claim, await redo(side, { claim, code: 'void', days })];
  },
};
const names = Object.keys(steps).map((name): [string, string] => [
  name,
  `Encounter/story-${(name.split(' ')[0] ?? '').padStart(2, '0')}`,
]);

/** What is compared of both roads. */
async function told({ practice }: Side, claims: readonly Claim[]): Promise<unknown> {
  const state = async ({ id = '' }: Claim): Promise<string | undefined> =>
    (await practice.read<Parameters>(`Claim/${id}/$state`)).parameter?.find((p) => p.name === 'state')
      ?.valueCode;
  const answers = async ({ id = '' }: Claim): Promise<unknown[]> =>
    (await practice.search<ClaimResponse>(`ClaimResponse?request=Claim/${id}`))
      .filter((r) => (r.item ?? []).length > 0)
      .map((r) => [r.status, r.outcome, r.item?.map((i) => [i.itemSequence, decisionOf(i.adjudication)])]);
  const explained = async (claim: Claim): Promise<unknown[]> =>
    (await explanationsOf(practice, claim)).map((e: ExplanationOfBenefit) => [
      e.status,
      e.payment?.amount?.value,
    ]);
  return Promise.all(
    claims.map(async (claim) => ({
      state: await state(claim),
      answers: await answers(claim),
      explained: await explained(claim),
    })),
  );
}

const invoices = async ({ practice }: Side, claim: Claim | undefined): Promise<unknown[]> => {
  const found = await practice.search<Invoice>(`Invoice?subject=${claim?.patient.reference ?? ''}`);
  return found.map((i) => [i.status, i.totalNet?.value ?? 0, i.date] as const).sort(([, a], [, b]) => a - b);
};

let direct: Side;
const done = new Map<string, readonly Claim[]>();
beforeAll(async () => {
  direct = overFhir(await openPractice());
  for (const [name] of names) done.set(name, (await steps[name]?.(direct)) ?? []);
});

const mailboxes = [
  ['a directory', directoryMailbox],
  ['SFTP', sftpMailbox],
] as const;

describe.each(mailboxes)('what follows upon the stories over %s', (_name, mailbox) => {
  let road: Road;
  let side: Side;
  const here = new Map<string, readonly Claim[]>();
  beforeAll(async () => {
    const now = (): string => new Date().toISOString();
    road = await openRoad(() => openStore('sqlite::memory:', { now }), await mailbox());
    side = overX12(road);
    for (const visit of readClock().filter((v) => names.some(([, of]) => of === v.encounter)))
      await road.runStory(visit);
    for (const [name] of names) here.set(name, (await steps[name]?.(side)) ?? []);
  });
  afterAll(() => road.close());

  test.each(names)(
    'Done 3 story %s: every account of the ledger stands as over FHIR',
    async (_n, encounter) => {
      expect(await standing(road.context, encounter)).toEqual(
        await standing(direct.practice.context, encounter),
      );
    },
  );

  test.each(names)(
    'Done 3 story %s: states, answers, explanations and Invoices are the same',
    async (name) => {
      const [of, beside] = [here.get(name) ?? [], done.get(name) ?? []];
      expect(await told(side, of)).toEqual(await told(direct, beside));
      expect(await invoices(side, of[0])).toEqual(await invoices(direct, beside[0]));
    },
  );

  test.each(oracle.nextSteps.map((step) => [step.claim, step.lines] as const))(
    'Done 3 claim %s: each line as it was worked out by hand',
    async (name, lines) => {
      const claims = here.get(names.find(([n]) => n.startsWith(name.slice(0, 1)))?.[0] ?? '') ?? [];
      const path = `ClaimResponse?request=Claim/${claims.at(-1)?.id ?? ''}`;
      const [answer] = (await road.search<ClaimResponse>(path)).filter((r) => r.status === 'active');
      expect(answer?.item?.map((i) => ({ line: i.itemSequence, ...decisionOf(i.adjudication) }))).toEqual(
        lines.map(({ line, allowed, adjustments, patient, paid }) => ({
          ...{ line, allowed, adjustments, patient, paid },
        })),
      );
    },
  );

  test('Done 3 story 6: the document goes under the number of its cover sheet, whatever the round', async () => {
    const claim = await claimOf(road, '6');
    const number = claim.identifier?.[0]?.value ?? '';
    const sequence = claim.supportingInfo?.find((s) => s.valueAttachment)?.sequence ?? 0;
    const folder = join(road.mailbox.folder, 'payer-archive');
    const sent = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    const again = sent.find((text) => text.includes(`CLM*${number}-2*`));
    expect(again).toContain(`PWK*OZ*EL***AC*${number}A${sequence.toString()}~`);
  });

  test('Done 3 the books hold what a verification asks of them', async () => {
    expect((await storeFaults(road.context.store, Date.now())).faults).toEqual([]);
  });
});
