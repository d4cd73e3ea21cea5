import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Task } from '@medplum/fhirtypes';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { confinement } from '../../src/store/access/access.ts';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { coded, condition, coverage, patient, procedure, visit } from './visit.ts';

const day = '2026-06-01';

describe.each(eachStore('f1_02_tasks'))('on %s', (_store, open) => {
  let office: Office;
  /** The Tasks that somebody sees who may see those of a practice. */
  const seenBy = async (practice: string, query = ''): Promise<string[]> => {
    const access = confinement({ practices: [practice], types: { Task: { see: 'practice' } } });
    const app = createApp(office.context, { principalOf: () => ({ name: practice, access }) });
    const answer = (await request(app).get(`/fhir/Task?_count=200${query}`)) as { body: Bundle };
    return (answer.body.entry ?? []).map((e) => `Task/${e.resource?.id ?? ''}`).sort();
  };
  const all = async (): Promise<(Task & { id: string })[]> => office.find<Task>('Task');

  beforeAll(async () => {
    office = await openOffice(open);
    const unmapped = { code: coded('http://snomed.info/sct', '999999') };
    for (const [name, over] of [
      ['alder', {}],
      ['bellwater', { serviceProvider: { reference: 'Organization/bellwater-hospital' } }],
    ] as const) {
      const of = { patient: name, encounter: name, at: `${day}T09:10:00-04:00` };
      await office.put(
        patient(name),
        coverage(name, name, { subscriberId: `FORCEDDENIED${name}` }),
        visit(name, name, day, over),
        condition(name, name),
        procedure(`${name}-unmapped`, of, unmapped),
      );
      const [claim] = await office.claims(name, day);
      await office.submit(claim, day);
    }
  });
  afterAll(() => office.close());

  test('1.2 every Task of the office names its practice, by which a rule of the practice finds it', async () => {
    const tasks = await all();
    expect(new Set(tasks.map((t) => t.code?.coding?.[0]?.code))).toEqual(
      new Set(['coding', 'denial', 'submission']),
    );
    const of = (practice: string): string[] =>
      tasks
        .filter((t) => [t.owner, t.requester].some((r) => r?.reference === `Organization/${practice}`))
        .map((t) => `Task/${t.id}`)
        .sort();
    const [alder, bellwater] = [of('alder-street-clinic'), of('bellwater-hospital')];
    expect([alder.length, bellwater.length]).toEqual([tasks.length / 2, tasks.length / 2]);
    expect([await seenBy('alder-street-clinic'), await seenBy('bellwater-hospital')]).toEqual([
      alder,
      bellwater,
    ]);
    expect(await seenBy('juniper-ridge', '&code=coding')).toEqual([]);
  });

  test('1.2 neighbour: a Task from before gets its practice when it is needed again', async () => {
    const [task] = (await all()).filter((t) => t.focus?.reference === 'Procedure/alder-unmapped');
    if (!task) throw new Error('no Task');
    const { owner: _owner, ...without } = task;
    await office.put({ ...without, status: 'completed' });
    await office.charges('alder');
    const now = await office.read<Task>('Task', task.id);
    expect([now.status, now.owner?.reference]).toEqual(['requested', 'Organization/alder-street-clinic']);
  });

  test('1.2 neighbour: a plain PUT may hand a Task to another practice, which sees it then', async () => {
    const [task] = (await all()).filter((t) => t.focus?.reference === 'Procedure/bellwater-unmapped');
    if (!task) throw new Error('no Task');
    const name = `Task/${task.id}`;
    await office.put({ ...task, owner: { reference: 'Organization/alder-street-clinic' } });
    expect(await seenBy('alder-street-clinic')).toContain(name);
    expect(await seenBy('bellwater-hospital')).not.toContain(name);
  });
});
