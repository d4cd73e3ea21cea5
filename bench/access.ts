import { parsePairs } from '../src/search/parse.ts';
import { confinement, type TypeAccess } from '../src/store/access/access.ts';
import { openStore } from '../src/store/openStore.ts';
import type { Store } from '../src/store/store.ts';

/**
 * What it costs the store to answer who does not see all: processor time of the same reads and searches, open and
 * confined to a patient or a practice, in alternating rounds. `node bench/access.ts [STORE]`
 */
const patients = 300;
const perPatient = 40;
const rounds = 9;
const asks = 3000;

const refer = (reference: string): { reference: string } => ({ reference });
const now = (): string => new Date().toISOString();

async function fill(store: Store): Promise<void> {
  for (let p = 0; p < patients; p += 1)
    await store.transaction(async (tx) => {
      await tx.put({ resourceType: 'Patient', id: `p${p}`, managingOrganization: refer('Organization/o1') });
      for (let i = 0; i < perPatient; i += 1) {
        const subject = refer(`Patient/p${p}`);
        const code = { coding: [{ system: 'http://loinc.org', code: `${i % 10}` }] };
        const effectiveDateTime = `2025-01-${String((i % 28) + 1).padStart(2, '0')}`;
        const note = [{ text: 'what was found, in words as long as a usual chart has them. '.repeat(8) }];
        const id = `${p}.${i}`;
        await tx.put({
          resourceType: 'Observation',
          id,
          status: 'final',
          code,
          subject,
          effectiveDateTime,
          note,
        });
        await tx.put({
          ...{ resourceType: 'Encounter', id, status: 'finished', class: { code: 'AMB' }, subject },
          serviceProvider: refer(`Organization/o${p % 2}`),
        });
      }
    });
}

const own: TypeAccess = { see: 'patient' };
const ofPractice: TypeAccess = { see: 'practice' };
const patient = confinement({ patients: ['p7'], types: { Patient: own, Observation: own, Encounter: own } });
const practice = confinement({ practices: ['o1'], types: { Patient: ofPractice, Encounter: ofPractice } });

type Work = (store: Store, i: number) => Promise<unknown>;
const search =
  (type: 'Observation' | 'Encounter', ...pairs: [string, string][]): Work =>
  (store) =>
    store.search(parsePairs(type, pairs));
const cases: readonly (readonly [string, Parameters<Store['as']>[0], Work])[] = [
  ['read Observation, patient', patient, (store, i) => store.read('Observation', `7.${i % perPatient}`)],
  ['read Encounter, practice', practice, (store, i) => store.read('Encounter', `7.${i % perPatient}`)],
  ['Observation?patient=p7, patient', patient, search('Observation', ['patient', 'p7'], ['_count', '20'])],
  ['Encounter?patient=p7, practice', practice, search('Encounter', ['patient', 'p7'], ['_count', '20'])],
  [
    'Encounter?status=finished, practice',
    practice,
    search('Encounter', ['status', 'finished'], ['_count', '20']),
  ],
];

/** Microseconds of processor that one ask takes. */
async function cost(store: Store, work: Work): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < asks; i += 1) await work(store, i);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / asks;
}
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const store = await openStore(process.argv[2] ?? 'sqlite::memory:', { now });
await fill(store);
for (const [name, access, work] of cases) {
  const [open, confined]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    open.push(await cost(store, work));
    confined.push(await cost(store.as(access), work));
  }
  const [a, b] = [median(open), median(confined)];
  process.stdout.write(
    `${name}: ${a.toFixed(1)} → ${b.toFixed(1)} µs (${((b / a - 1) * 100).toFixed(0)} %)\n`,
  );
}
await store.close();
