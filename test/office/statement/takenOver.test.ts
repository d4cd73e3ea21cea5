import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Binary,
  ChargeItem,
  ChargeItemDefinition,
  DocumentReference,
  Organization,
} from '@medplum/fhirtypes';
import { find, readResource, updateResource } from '../../../src/interaction/repository.ts';
import { runJob } from '../../../src/job/queue.ts';
import { billPrinting } from '../../../src/operation/statement/printJob.ts';
import { statementWork } from '../../../src/operation/statement/statementWork.ts';
import { extension } from '../../../src/terminology/system.ts';
import type { Office } from '../../firm/receipts.ts';
import { readPdf, textsOf } from '../../form/pdf.ts';
import { eachStore } from '../../http/eachStore.ts';
import { letterOffice } from './world.ts';

const url = 'https://clinic.example/visit';

describe.each(eachStore('office-taken-over'))(
  'statements of a night that is taken over, on %s',
  (_s, open) => {
    let office: Office;
    const faults: unknown[] = [];
    beforeAll(async () => {
      office = await letterOffice(open);
      const clinic = await office.get<Organization & { id: string }>('Organization/clinic');
      const active = { url: extension.statementSettings, extension: [{ url: 'active', valueBoolean: true }] };
      await office.put({ ...clinic, extension: [...(clinic.extension ?? []), active] });
    });
    afterAll(() => office.context.store.close());

    const titled = (title: string): Promise<unknown> =>
      office.put({
        ...{ resourceType: 'ChargeItemDefinition', id: 'visit', url, status: 'active', title },
      } satisfies ChargeItemDefinition & { id: string });
    const owes = async (visit: string, whose: 'a' | 'b'): Promise<void> => {
      await office.invoice(16_845, whose);
      await office.context.store.transaction(async (tx) => {
        const one = await readResource<ChargeItem & { id: string }>(tx, 'ChargeItem', visit);
        await updateResource(office.context, tx, { ...one, definitionCanonical: [url] });
      });
    };
    /** Does a night; from its beginning, or what another server has left of it. */
    const night = async (date: string, after?: string): Promise<void> => {
      const { context } = office;
      for (const item of await statementWork.next(context, { date }, { after, count: 100 }))
        await context.store.transaction((tx) => statementWork.one(context, tx, item, { date }));
      const engine = {
        ...{ store: context.store, now: () => Date.parse(context.now()), random: () => 0 },
        failed: (error: unknown) => void faults.push(error),
      };
      for (const one of await context.store.jobs.take({ kinds: ['bill-printing'], count: 9 }))
        await runJob(engine, billPrinting(context), one);
    };
    const letterTo = async (patient: string): Promise<string> => {
      const all = await find<DocumentReference>(office.context.store, 'DocumentReference', {});
      const [record, ...others] = all.filter(({ subject }) => subject?.reference === patient);
      expect([record?.docStatus, others]).toEqual(['final', []]);
      const binary = record?.content[0]?.attachment.url?.slice('Binary/'.length) ?? '';
      const pdf = await readResource<Binary>(office.context.store, 'Binary', binary);
      const pages = await readPdf(Buffer.from(pdf.data ?? '', 'base64'));
      return pages.map((page) => textsOf(page).join('\n')).join('\n');
    };

    test('8 statement neighbour: who goes on with a night reads anew what a service is called', async () => {
      await titled('Talk with a nurse');
      await owes('visit-1-1', 'a');
      await night('2026-04-01');
      expect(await letterTo('Patient/a')).toContain('Talk with a nurse');
      await titled('Visit by telephone');
      await owes('visit-2-1', 'b');
      await night('2026-04-02', ''); // its first items were found by a server that is gone
      expect(await letterTo('Patient/b')).toContain('Visit by telephone');
      expect(faults).toEqual([]);
    });
  },
);
