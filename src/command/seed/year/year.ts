import type { Resource } from '@medplum/fhirtypes';
import { dateInZone, addDays } from '../../../datatypes/date.ts';
import type { Context } from '../../../interaction/context.ts';
import type { Client } from '../../load/client.ts';
import { visitsOf } from './chart.ts';
import { officeBundle, putting } from './office.ts';
import { yearPatient, type YearPatient } from './patient.ts';
import { schedule } from './schedule.ts';
import type { Days } from './payments.ts';
import { visitDays } from './visits.ts';
import { profiles } from './profile.ts';

/** How large the practice is, and the day its year ends before; without it the day it was begun to be loaded. */
export interface YearOptions {
  readonly patients?: number;
  readonly today?: string;
}

const wholePractice = 400;
/** Patients that are loaded side by side: their commits are shared. */
const width = 8;
/** What is kept beside FHIR: the day, and which patients are finished. */
const recordKind = 'Seed';
const dayRecord = { kind: recordKind, key: 'day' } as const;

/**
 * Loads the practice with a year behind it: charts, claims, answers and payments of every day up to yesterday, each by
 * its operation on its own day. The same every time but for ids and for the days, which count back from the day of the
 * start. Patients that were finished by a seeding that was stopped are passed over, others are gone through again.
 */
export async function loadYear(context: Context, client: Client, options: YearOptions = {}): Promise<void> {
  const today = await dayOf(context, options.today);
  const numbers = Array.from({ length: options.patients ?? wholePractice }, (_, i) => i + 1);
  const patients = numbers.map((number) => yearPatient(number, today));
  await posted(client, 'office', officeBundle(today).entry?.flatMap(({ resource }) => resource ?? []) ?? []);
  for (let i = 0; i < patients.length; i += profiles.length) {
    const some = patients.slice(i, i + profiles.length);
    await posted(client, `patients ${String(i)}`, some.flatMap(({ resources }) => resources));
  }
  const queue = [...patients];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await liveYear(context, next, today);
  };
  await Promise.all(Array.from({ length: width }, work));
  await posted(client, 'schedule', schedule(patients, today));
}

/** The day that the year ends before. It is kept, so that a seeding that goes on after midnight goes on with it. */
async function dayOf({ store, now, timeZone }: Context, given: string | undefined): Promise<string> {
  const value = given ?? dateInZone(now(), timeZone);
  await store.records.add({ ...dayRecord, value: JSON.stringify(value) });
  const kept = await store.records.find(dayRecord.kind, dayRecord.key);
  return kept ? (JSON.parse(kept.value) as string) : value;
}

async function posted(client: Client, name: string, resources: readonly Resource[]): Promise<void> {
  const { status, resource } = await client.post(putting(resources), `year ${name}`);
  if (status !== 200) throw new Error(`${name} answered ${String(status)}: ${JSON.stringify(resource)}`);
}

/** Everything of a patient's year in the order of the days, of several visits by turns. */
async function liveYear(context: Context, patient: YearPatient, today: string): Promise<void> {
  const { store } = context;
  const done = { kind: recordKind, key: patient.id };
  if ((await store.records.find(done.kind, done.key)) !== undefined) return;
  const last = addDays(today, -1);
  let open: { readonly days: Days; readonly next: string }[] = [];
  for (const visit of visitsOf(patient, today)) {
    const days = visitDays(context, visit, today);
    const first = await days.next();
    if (first.done !== true) open.push({ days, next: first.value });
  }
  while (open.length > 0) {
    const [soonest] = open.toSorted((a, b) => (a.next < b.next ? -1 : a.next > b.next ? 1 : 0));
    if (!soonest || soonest.next > last) break;
    const step = await soonest.days.next();
    open = open.flatMap((one) => (one !== soonest ? [one] : step.done === true ? [] : [{ ...one, next: step.value }]));
  }
  await store.records.keep({ ...done, value: '{}' });
}
