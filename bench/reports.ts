/**
 * Each report over so many journal entries: node bench/reports.ts 1000000 [--store columns,sqlite,mongodb]. `columns`
 * fills the columns without a store: what a report costs once the journal was read, the same on both. The time of the first
 * reading of the journal, of each report after it, and the longest that the main thread was held meanwhile.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { Account, ChargeItem, Claim, Organization, Resource } from '@medplum/fhirtypes';
import {
  chargeCaptured,
  chargeReversed,
  claimAdjudicated,
  claimSubmitted,
  invoiceIssued,
  patientPayment,
} from '../src/billing/ledger/index.ts';
import { builtInOf } from '../src/builtIn.ts';
import { shippedMeasures } from '../src/operation/report/measure.ts';
import { Books } from '../src/billing/report/books.ts';
import { reports } from '../src/billing/report/index.ts';
import { dimensions } from '../src/billing/report/report.ts';
import { tally } from '../src/billing/report/tally.ts';
import { cents, zero } from '../src/datatypes/cents.ts';
import { addDays } from '../src/datatypes/date.ts';
import { dayNumber } from '../src/datatypes/dayNumber.ts';
import type { Entry } from '../src/datatypes/entry.ts';
import { breather } from '../src/interaction/breather.ts';
import { followBooks } from '../src/operation/report/followBooks.ts';
import { runOperation } from '../src/operation/run.ts';
import { openStore } from '../src/store/openStore.ts';
import { testContext } from '../test/context.ts';
import { freshStore } from './freshStore.ts';
import { machine, tableOf } from './report.ts';
import { freshFolder, removeFolder } from './server.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { store: { type: 'string', default: 'columns,sqlite,mongodb' } },
});
const wanted = Number(positionals[0] ?? 1_000_000);
/** Claims written in one transaction. */
const together = 200;

const practice = 'Organization/practice';
const ref = (reference: string) => ({ reference });
const concept = (code: string) => ({ coding: [{ system: 'urn:bench', code }] });

type Stored = Resource & { id: string };

/** A claim with its charge and all that is posted of it: nine entries, of one in ten that is denied six. */
function claimOf(n: number): { readonly resources: Stored[]; readonly entries: Entry[] } {
  const service = addDays('2026-01-01', n % 300);
  const at = (days: number): string => addDays(service, days);
  const account = `Account/a${n % 20_000}`;
  const [encounter, charge, claim] = [`Encounter/e${n}`, `ChargeItem/i${n}`, `Claim/c${n}`];
  const payer = `Organization/payer-${n % 20}`;
  const amount = cents(10_000 + (n % 977) * 13);
  const person = ref(`Practitioner/p${n % 12}`);
  let last = 0;
  const newId = (): string => {
    last += 1;
    return `${n}-${last}`;
  };
  const head = (on: string, cause: string) => ({ id: newId(), on, account, cause: `${cause}/_history/1` });
  const captured = chargeCaptured({ ...head(at(1), charge), encounter, charge, amount });
  const isDenied = n % 10 === 0;
  const paid = cents(isDenied ? 0 : Math.round(amount / 2));
  const share = cents(isDenied ? 0 : Math.round(amount / 5));
  const rest = cents(amount - paid - share);
  const adjustments = isDenied
    ? [{ group: 'CO', reason: '50', amount: rest } as const]
    : ([
        { group: 'CO', reason: '45', amount: rest },
        { group: 'PR', reason: '2', amount: share },
      ] as const);
  const invoice = `Invoice/v${n}`;
  const about = { encounter, claim, item: 1 };
  const entries = [
    captured,
    chargeReversed({ id: newId(), on: at(2), cause: `${charge}/_history/2`, captured }),
    chargeCaptured({ ...head(at(2), charge), encounter, charge, amount }),
    claimSubmitted({ ...head(at(4), claim), claim, payer, lines: [{ charge, item: 1, encounter, amount }] }),
    ...claimAdjudicated({
      ...{ newId, on: at(20), account, cause: `ClaimResponse/r${n}/_history/1`, claim, payer, from: 'open' },
      lines: [{ item: 1, encounter, submitted: amount, paid, adjustments }],
    }),
    ...(share === 0
      ? []
      : [
          invoiceIssued({ ...head(at(21), invoice), invoice, lines: [{ ...about, amount: share }] }),
          ...(n % 3 === 0
            ? []
            : [
                patientPayment({
                  ...head(at(40), `PaymentNotice/n${n}`),
                  applied: [{ ...about, invoice, amount: share, account: 'receivable-patient-invoiced' }],
                  unapplied: zero,
                }),
              ]),
        ]),
  ];
  const resources: Stored[] = [
    {
      resourceType: 'ChargeItem',
      id: `i${n}`,
      status: 'billed',
      code: concept('T1015'),
      subject: ref(`Patient/x${n % 20_000}`),
      occurrenceDateTime: service,
      performer: [{ actor: person }],
    } satisfies ChargeItem & { id: string },
    {
      ...({
        resourceType: 'Claim',
        id: `c${n}`,
        status: 'active',
        use: 'claim',
        type: concept('professional'),
      } as const),
      ...{
        patient: ref(`Patient/x${n % 20_000}`),
        created: at(4),
        provider: ref(practice),
        priority: concept('normal'),
      },
      ...{ insurance: [{ sequence: 1, focal: true, coverage: ref(`Coverage/k${n % 20_000}`) }] },
      careTeam: [{ sequence: 1, provider: person }],
      facility: ref(`Location/l${n % 4}`),
      item: [{ sequence: 1, productOrService: concept('T1015'), servicedDate: service }],
    } satisfies Claim & { id: string },
  ];
  return { resources, entries };
}

/** Each report on columns that were filled without a store. */
async function measureColumns(): Promise<readonly (readonly string[])[]> {
  const books = new Books();
  for (let n = 0; books.entries < wanted; n += 1) {
    const { entries } = claimOf(n);
    const about = { service: dayNumber(addDays('2026-01-01', n % 300)), provider: `Practitioner/p${n % 12}` };
    books.say(`ChargeItem/i${n}`, about);
    books.say(`Claim/c${n}`, { ...about, place: `Location/l${n % 4}` });
    for (const entry of entries)
      books.add(entry, books.entries + 1, practice, { carcs: n % 10 === 0 ? ['50'] : [] });
  }
  const rows: (readonly string[])[] = [];
  for (const report of reports) {
    const ways = dimensions.map((one) => [one]);
    const scope = { books, practice, start: '2026-01-01', end: '2026-12-31', anchor: 'service' as const };
    rows.push(await timed(report.id, 'columns', () => tally(report, scope, ways, breather())));
  }
  rows.push([
    'memory of the process',
    'columns',
    `${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
    '',
    '',
  ]);
  return rows;
}

const delay = monitorEventLoopDelay({ resolution: 1 });

async function timed(what: string, kind: string, work: () => Promise<unknown>): Promise<readonly string[]> {
  delay.reset();
  delay.enable();
  const began = performance.now();
  const before = process.cpuUsage();
  await work();
  const took = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  const cost = `${((user + system) / 1e6).toFixed(2)} s`;
  return [what, kind, `${(took / 1000).toFixed(2)} s`, cost, `${(delay.max / 1e6).toFixed(0)} ms`];
}

async function measure(kind: 'sqlite' | 'mongodb'): Promise<readonly (readonly string[])[]> {
  const folder = freshFolder();
  const fresh = await freshStore(kind, folder);
  const now = (): string => '2026-12-20T12:00:00Z';
  const store = await openStore(fresh.url, { now, base: 'http://127.0.0.1:8080/fhir' });
  const builtIn = builtInOf(shippedMeasures, now);
  const context = await testContext({ store, now, payer: 'none', builtIn });
  await store.transaction(async (tx) => {
    const own: Organization & { id: string } = {
      resourceType: 'Organization',
      id: 'practice',
      name: 'Practice',
    };
    await tx.put(own);
    for (let i = 0; i < 20_000; i += 1) {
      const account: Account & { id: string } = { resourceType: 'Account', id: `a${i}`, status: 'active' };
      await tx.put({ ...account, owner: ref(practice) }, { fresh: true });
    }
  });
  let written = 0;
  for (let n = 0; written < wanted; n += together)
    await store.transaction(async (tx) => {
      for (let i = n; i < n + together; i += 1) {
        const { resources, entries } = claimOf(i);
        for (const resource of resources) await tx.put(resource, { fresh: true });
        for (const entry of entries) await tx.append(entry);
        written += entries.length;
      }
    });
  const rows = [await timed('first reading of the journal', kind, () => followBooks(store))];
  const query = [
    ['subject', practice],
    ['periodStart', '2026-01'],
    ['periodEnd', '2026-12'],
  ] as const;
  for (const { id } of reports)
    rows.push(
      await timed(id, kind, () =>
        runOperation(context, {
          code: 'evaluate-measure',
          target: { type: 'Measure', id },
          method: 'GET',
          query,
        }),
      ),
    );
  rows.push(['memory of the process', kind, `${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`, '', '']);
  await store.close();
  await fresh.end();
  removeFolder(folder);
  return rows;
}

const rows: (readonly string[])[] = [];
for (const kind of values.store.split(','))
  rows.push(
    ...(kind === 'columns'
      ? await measureColumns()
      : await measure(kind === 'mongodb' ? 'mongodb' : 'sqlite')),
  );
process.stdout.write(`${machine()}; ${wanted} journal entries\n\n`);
process.stdout.write(`${tableOf(['report', 'store', 'time', 'processor', 'longest hold'], rows)}\n`);
