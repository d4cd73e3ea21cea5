import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readClock } from '../../../src/command/seed/clock.ts';
import { tableRows } from '../../../src/command/seed/tableRows.ts';
import { toText } from '../../../src/datatypes/cents.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { oracle } from '../../scenario/oracle.ts';
import { directoryMailbox, openRoad, type Road } from './road.ts';

let road: Road;
beforeAll(async () => {
  road = await openRoad(
    () => openStore('sqlite::memory:', { now: () => new Date().toISOString() }),
    await directoryMailbox(),
  );
});
afterAll(() => road.close());

test('story 1 over a directory', async () => {
  const visit = readClock()[0];
  if (!visit) throw new Error('no visit');
  await road.runStory(visit);
  if (process.env['SHOW'])
    for (const [name, text] of road.written()) console.log(name, text.replaceAll('~', '~\n'));
  const [row] = await tableRows(road.context, [visit.encounter]);
  expect(
    [row?.charge, row?.insurerPaid, row?.writtenOff, row?.patientOwes].map((a) => toText(a as never)),
  ).toEqual(['246.40', '149.92', '71.48', '25.00']);
  expect(oracle.ledger[0]?.charges).toBe('246.40');
});
