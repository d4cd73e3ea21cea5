import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Binary,
  ChargeItem,
  ChargeItemDefinition,
  Communication,
  DocumentReference,
  Organization,
  Task,
} from '@medplum/fhirtypes';
import { withBackground } from '../../../src/background.ts';
import { find, readResource, updateResource } from '../../../src/interaction/repository.ts';
import { runJob } from '../../../src/job/queue.ts';
import { billPrinting } from '../../../src/operation/statement/printJob.ts';
import { statementWork } from '../../../src/operation/statement/statementWork.ts';
import { extension } from '../../../src/terminology/system.ts';
import type { Jobs, Lease } from '../../../src/store/job.ts';
import { code, type Office } from '../../firm/receipts.ts';
import { readPdf, textsOf } from '../../form/pdf.ts';
import { eachStore } from '../../http/eachStore.ts';
import { until } from '../../until.ts';
import { letterOffice, patientOf, printed, recordOf, statement } from './world.ts';

const kind = 'bill-printing';
const title = {
  url: 'https://clinic.example/visit',
  resourceType: 'ChargeItemDefinition',
  id: 'visit',
} as const;

describe.each(eachStore('office-printing'))('printing what a night kept on %s', (_store, open) => {
  let office: Office;
  const faults: unknown[] = [];
  beforeAll(async () => {
    office = await letterOffice(open);
    await office.invoice(16_845);
    await office.invoice(5000, 'b');
    await clinicSays([
      { url: extension.statementSettings, extension: [{ url: 'active', valueBoolean: true }] },
    ]);
    await titled('Talk with a nurse');
    for (const id of ['visit-1-1', 'visit-2-1'])
      await charge(id, (one) => ({ ...one, definitionCanonical: [title.url] }));
  });
  afterAll(() => office.context.store.close());

  const clinicSays = async (more: NonNullable<Organization['extension']>): Promise<void> => {
    const clinic = await office.get<Organization & { id: string }>('Organization/clinic');
    const others = (clinic.extension ?? []).filter(({ url }) => !more.some((m) => m.url === url));
    await office.put({ ...clinic, extension: [...others, ...more] });
  };
  const titled = (text: string): Promise<unknown> =>
    office.put({ ...title, status: 'active', title: text } satisfies ChargeItemDefinition & { id: string });
  /** Changes a charge, as its chart may. */
  const charge = (id: string, change: (charge: ChargeItem & { id: string }) => ChargeItem & { id: string }) =>
    office.context.store.transaction(async (tx) => {
      const one = await readResource<ChargeItem & { id: string }>(tx, 'ChargeItem', id);
      await updateResource(office.context, tx, change(one));
    });
  const night = async (date: string): Promise<void> => {
    const { context } = office;
    for (const item of await statementWork.next(context, { date }, { after: undefined, count: 100 }))
      await context.store.transaction((tx) => statementWork.one(context, tx, item, { date }));
  };
  const records = (): Promise<DocumentReference[]> =>
    find<DocumentReference>(office.context.store, 'DocumentReference', {});
  const tasks = (): Promise<Task[]> => find<Task>(office.context.store, 'Task', { code: 'statement-review' });
  const letterOf = async (record: DocumentReference | undefined): Promise<string> => {
    const url = record?.content[0]?.attachment.url ?? '';
    const pdf = await readResource<Binary>(office.context.store, 'Binary', url.slice('Binary/'.length));
    const pages = await readPdf(Buffer.from(pdf.data ?? '', 'base64'));
    return pages.map((page) => textsOf(page).join('\n')).join('\n');
  };
  const engine = () => ({
    store: office.context.store,
    now: () => Date.parse(office.context.now()),
    random: () => 0,
    failed: (error: unknown) => void faults.push(error),
  });
  const take = async (): Promise<Lease> => {
    const [lease] = await office.context.store.jobs.take({ kinds: [kind], count: 1 });
    if (!lease) throw new Error('nothing is to be printed');
    return lease;
  };

  test('8 printing: what is killed between record and letter is printed once, one letter at a time', async () => {
    await night('2026-04-01');
    const { jobs } = office.context.store;
    jobs.leave(await take()); // taken up by who was killed then
    const taken: Parameters<Jobs['take']>[0][] = [];
    const take0 = jobs.take.bind(jobs);
    jobs.take = (query) => {
      if (query.kinds.includes(kind)) taken.push(query);
      return take0(query);
    };
    const { queue } = withBackground(office.context, (error) => faults.push(error));
    queue.start();
    await until(async () => (await records()).every(({ docStatus }) => docStatus === 'final'));
    await queue.stop();
    jobs.take = take0;
    expect(taken.every(({ kinds, count }) => kinds.length === 1 && count === 1)).toBe(true);
    expect(faults).toEqual([]);
    expect(await records()).toHaveLength(2);
    expect(await find<Binary>(office.context.store, 'Binary', {})).toHaveLength(2);
    const sent = await find<Communication>(office.context.store, 'Communication', {});
    expect(sent.map(({ status }) => status)).toEqual(['completed', 'completed']);
  });

  test('8 printing neighbour: the job keeps nothing of the letter once it is printed', async () => {
    for (const { id } of await records()) {
      const job = await office.context.store.jobs.read(`printing|DocumentReference/${id ?? ''}`);
      expect(job?.state).toBe('done');
      expect(JSON.stringify(job)).not.toContain('Prescott');
    }
  });

  test('8 printing neighbour: what cannot be printed is not sent, and a Task says so', async () => {
    await night('2026-05-01');
    const lease = await take();
    const last = { ...lease.job, attempts: 9, result: JSON.stringify({ title: 'of no letter' }) };
    await runJob(engine(), billPrinting(office.context), { ...lease, job: last });
    const { document } = JSON.parse(lease.job.payload) as { document: string };
    const [record] = (await records()).filter(({ id }) => id === document);
    expect(record?.docStatus).toBe('preliminary');
    expect(await tasks()).toMatchObject([
      {
        status: 'requested',
        focus: { reference: `DocumentReference/${document}` },
        for: record?.subject,
        owner: { reference: 'Organization/clinic' },
      },
    ]);
    expect((await office.context.store.jobs.read(lease.job.key))?.state).toBe('failed');
    expect(faults.splice(0)).toHaveLength(1);
  });

  test('8 printing neighbour: a night that is asked for again reads anew what a service is called', async () => {
    const rest = async (): Promise<void> => {
      for (const one of await office.context.store.jobs.take({ kinds: [kind], count: 9 }))
        await runJob(engine(), billPrinting(office.context), one);
    };
    await patientOf(office, 'b', { birthDate: '2020-01-01' }); // nobody to write to
    await night('2026-05-31');
    await titled('Visit at home');
    await patientOf(office, 'b', { birthDate: '1980-01-01' });
    await night('2026-05-31');
    await rest();
    const letters = async (whose: string): Promise<string[]> =>
      Promise.all(
        (await records())
          .filter((r) => r.docStatus === 'final' && r.subject?.reference === `Patient/${whose}`)
          .map(letterOf),
      );
    const called = (letter: string): boolean => letter.includes('Visit at home');
    expect((await letters('a')).map(called)).not.toContain(true);
    expect((await letters('b')).filter(called)).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  test('8 languages: a notice whose letters the font lacks is left out, and the practice is told', async () => {
    const notice = (lang: string, text: string) => ({
      url: extension.languageNotice,
      extension: [
        { url: 'language', valueCode: lang },
        { url: 'text', valueString: text },
      ],
    });
    await clinicSays([
      notice('fr', 'Une aide gratuite est à votre disposition.'),
      notice('zh', '我們免費為您提供語言協助。'),
      notice('ar', 'تتوفر لك المساعدة مجانا'),
    ]);
    const answer = await statement(office, 'a', '2026-06-10');
    expect(answer.codes).toEqual(['notice-unprintable', 'notice-unprintable', 'created']);
    const letter = await printed(answer);
    expect(letter).toContain('Une aide gratuite');
    expect(letter).not.toContain('我');
    for (const date of ['2026-06-30', '2026-07-30']) await night(date);
    const told = (await tasks()).filter(({ focus }) => focus?.reference === 'Organization/clinic');
    expect(told.map(({ description }) => description?.match(/ in (\w+):/)?.[1]).sort()).toEqual(['ar', 'zh']);
  });

  test('8 statement neighbour: large print is a letter of its own, whatever was printed before', async () => {
    const large = [{ name: 'largePrint', valueBoolean: true }];
    const [usual, first, again] = [
      await statement(office, 'b', '2026-08-10'),
      await statement(office, 'b', '2026-08-10', large),
      await statement(office, 'b', '2026-08-10', large),
    ];
    expect(recordOf(first)?.id).not.toBe(recordOf(usual)?.id);
    expect(recordOf(again)?.id).toBe(recordOf(first)?.id);
    expect((await printed(first)).length).toBeGreaterThan(0);
  });

  test('8 itemize neighbour: a code that was corrected is on the next bill, and a sensitive charge labels it', async () => {
    const path = 'Encounter/visit-1/$itemize';
    const superbill = [code('kind', 'superbill')];
    expect(await printed(await office.call(path, superbill), 'pdf')).toContain('T1015');
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
    await charge('visit-1-1', (one) => ({
      ...one,
      meta: { security: [label] },
      code: { coding: [{ ...one.code.coding?.[0], code: 'T1017' }] },
    }));
    const corrected = await office.call(path, superbill);
    expect(await printed(corrected)).toContain('T1017');
    const [record] = corrected.all<DocumentReference>('document');
    expect(record?.meta?.security).toMatchObject([{ code: 'HIV' }]);
  });
});
