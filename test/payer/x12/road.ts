import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, Claim, Endpoint, Extension, OrganizationAffiliation } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../../src/app.ts';
import { holdingsIn, payerWay } from '../../../src/command/payer.ts';
import { openShelf } from '../../../src/command/payer/shelf.ts';
import { turn, type Turn } from '../../../src/command/payer/turn.ts';
import { localClient } from '../../../src/command/load/client.ts';
import { seedFiles } from '../../../src/command/seed.ts';
import type { DatedVisit } from '../../../src/command/seed/clock.ts';
import { runVisit, type SendClaims } from '../../../src/command/seed/runVisit.ts';
import { runJob, type Handler } from '../../../src/job/queue.ts';
import { batchClosing } from '../../../src/operation/partner/batchJob.ts';
import { interchangeSending } from '../../../src/operation/partner/interchangeJob.ts';
import { partnerPoll } from '../../../src/operation/partner/pollJob.ts';
import { remittancePosting } from '../../../src/operation/remittance/postingJob.ts';
import { claimDelivery } from '../../../src/operation/submission/delivery.ts';
import { receiveFile } from '../../../src/operation/x12/receive.ts';
import { asServer } from '../../../src/store/access/asServer.ts';
import type { OperationContext } from '../../../src/operation/operation.ts';
import { openBooks } from '../../../src/payer/x12/books.ts';
import type { Store } from '../../../src/store/store.ts';
import { extension, system } from '../../../src/terminology/system.ts';
import { openTransport } from '../../../src/transport/openTransport.ts';
import type { Allowed, Way } from '../../../src/transport/transport.ts';
import { testContext } from '../../context.ts';
import { sshServer } from '../../transport/sshServer.ts';
import { openedPractice, type Practice } from '../../scenario/practice.ts';
import { httpServer } from '../../httpServer.ts';

/** How the two ends reach their folders. */
export interface Mailbox {
  readonly code: 'x12-directory' | 'x12-sftp';
  readonly address: string;
  readonly parts: Readonly<Record<string, string>>; // of the Endpoint
  readonly hostKeys: readonly string[];
  readonly secret?: string;
  readonly allowed: Allowed;
  readonly folder: string; // where the files lie
  close(): Promise<void>;
}

/** A folder of this machine as mailbox. */
export function directoryMailbox(): Promise<Mailbox> {
  const root = mkdtempSync(join(tmpdir(), 'claimwright-road-'));
  return Promise.resolve({
    ...{ code: 'x12-directory', address: 'file:///acme', parts: {}, hostKeys: [] },
    allowed: { root, hosts: [] },
    folder: join(root, 'acme'),
    close: () => {
      rmSync(root, { recursive: true });
      return Promise.resolve();
    },
  });
}

/** The same folder behind an SSH server of this process. */
export async function sftpMailbox(): Promise<Mailbox> {
  const root = mkdtempSync(join(tmpdir(), 'claimwright-road-'));
  makeFolders(join(root, 'acme'));
  mkdirSync(join(root, 'secrets'));
  writeFileSync(join(root, 'secrets', 'acme'), 'secret\n');
  const ssh = await sshServer(root);
  const { hostKey } = ssh;
  return {
    ...{ code: 'x12-sftp', address: `sftp://office@127.0.0.1:${ssh.port}/acme` },
    ...{ parts: { hostKey, secret: 'acme' }, hostKeys: [hostKey], secret: 'acme' },
    allowed: { hosts: ['127.0.0.1'], secrets: join(root, 'secrets') },
    folder: join(root, 'acme'),
    close: async () => {
      await ssh.close();
      rmSync(root, { recursive: true });
    },
  };
}

const practices = ['alder-street-clinic', 'bellwater-hospital', 'bellwater-ambulance'];
export const payerIds: Readonly<Record<string, string>> = {
  'juniper-ridge': 'JRH01',
  'federal-senior': 'FSP01',
  'state-family': 'SFP01',
};

const partner = ({ code, address, parts }: Mailbox): Endpoint => ({
  resourceType: 'Endpoint',
  id: 'acme',
  status: 'active',
  name: 'ACME',
  connectionType: { system: system.gateway, code },
  payloadType: [{ text: 'X12' }],
  address,
  managingOrganization: { reference: 'Organization/alder-street-clinic' },
  extension: [
    {
      url: extension.tradingPartner,
      extension: Object.entries({
        ...{ sender: 'ALDER', receiver: 'ACMECH', contactPhone: '4135550142' },
        ...{ batchSeconds: 0, pollSeconds: 1, quietSeconds: 0 },
        ...parts,
      }).map(([url, value]): Extension =>
        typeof value === 'number' ? { url, valueInteger: value } : { url, valueString: value },
      ),
    },
  ],
});

const route = (practice: string, payer: string): OrganizationAffiliation => ({
  resourceType: 'OrganizationAffiliation',
  id: `${practice}-${payer}`,
  active: true,
  organization: { reference: `Organization/${payer}` },
  participatingOrganization: { reference: `Organization/${practice}` },
  identifier: [{ value: payerIds[payer] ?? '' }],
  code: ['837P', '837I', '837D'].map((code) => ({ coding: [{ system: system.transaction, code }] })),
  endpoint: [{ reference: 'Endpoint/acme' }],
});

/** The demo practice on one side of a mailbox, its payers on the other. */
export interface Road extends Practice {
  readonly context: OperationContext;
  readonly mailbox: Mailbox;
  setDay(day: string): void;
  /** Does the practice's work that is due: sends what waits, and takes in what the partner put out. */
  exchange(): Promise<void>;
  /** A look of the payers at their folder. */
  payers(): Promise<Turn>;
  runStory(visit: DatedVisit): Promise<void>;
  /** Sends what waits, has it answered on this day and paid on that one. */
  settle(days: { readonly sent: string; readonly answered: string }): Promise<void>;
  /** The texts of files that the payers have written, by name. */
  written(): ReadonlyMap<string, string>;
  close(): Promise<void>;
}

const due: readonly string[] = ['claim-delivery', 'x12-batch', 'x12-interchange', 'remittance-posting'];

export async function openRoad(open: () => Promise<Store>, mailbox: Mailbox): Promise<Road> {
  let day = '2026-01-01';
  const { allowed } = mailbox;
  const failures: unknown[] = [];
  const context: OperationContext = await testContext({
    ...{ store: await open(), now: () => `${day}T23:30:00Z`, payer: 'none', submitWait: 0 },
    openTransport: (way: Way) => openTransport(way, allowed),
    processX12: async (bytes, endpoint) => {
      await receiveFile({ ...context, store: asServer(context.store) }, bytes, endpoint);
    },
    failed: (error) => failures.push(error),
    background: () => undefined, // jobs are run by the test alone
  });
  const client = localClient(context);
  for (const file of seedFiles()) {
    const text = readFileSync(new URL(`../../../seed/${file}`, import.meta.url), 'utf8');
    const reply = await client.post(JSON.parse(text) as Bundle, file);
    if (reply.status !== 200) throw new Error(`${file}: ${JSON.stringify(reply.resource)}`);
  }
  const practice = openedPractice(context, supertest(httpServer(createApp(context))));
  for (const name of practices)
    for (const payer of Object.keys(payerIds)) await practice.put(route(name, payer));
  await practice.put(partner(mailbox));
  const exchange = async (): Promise<void> => {
    await work(context, failures);
    await poll(context, failures);
    await work(context, failures);
    if (failures.length > 0) throw failures[0];
  };
  const holdings = holdingsIn();
  const books = mkdtempSync(join(tmpdir(), 'claimwright-payer-'));
  const shelf = openShelf(books, () => openBooks(holdings));
  const payers = async (): Promise<Turn> => {
    const { address, hostKeys, secret } = mailbox;
    const options = { address, hostKeys, ...(secret === undefined ? {} : { secret }) };
    const transport = await openTransport(
      payerWay({ ...options, books, holdings: [], days: 14, seconds: 1, once: true }),
      allowed,
    );
    const failed = (error: unknown): void => {
      failures.push(error);
    };
    const clock = () => ({ on: day, time: '1200' });
    try {
      return await turn({ transport, shelf, houses: holdings.houses, clock, daysToPay: 14, failed });
    } finally {
      await transport.close();
    }
  };
  const settle: Road['settle'] = async ({ sent, answered }) => {
    day = sent;
    await exchange();
    await payers();
    await exchange();
    day = answered;
    await payers();
    await exchange();
  };
  const setDay = (to: string): void => {
    day = to;
  };
  return {
    ...{ ...practice, context, mailbox, exchange, payers, settle, setDay },
    runStory: (visit) =>
      runVisit(context, visit, (_context, of, first) => sendAll({ ...practice, settle, setDay }, of, first)),
    written: () => {
      const files = join(books, 'files');
      return new Map(readdirSync(files).map((name) => [name, readFileSync(join(files, name), 'latin1')]));
    },
    close: async () => {
      await context.store.close();
      await mailbox.close();
      rmSync(books, { recursive: true });
    },
  };
}

/** Submits the claims of each payer in turn on their days, and has them answered over X12. */
async function sendAll(
  { call, search, settle, setDay }: Pick<Road, 'call' | 'search' | 'settle' | 'setDay'>,
  { encounter, claimed, answered }: DatedVisit,
  first: readonly Claim[],
): ReturnType<SendClaims> {
  const done: Claim[] = [];
  let [turnOf, sent] = [first, claimed];
  for (const answeredOn of answered) {
    setDay(sent);
    for (const { id } of turnOf)
      await call(`Claim/${id ?? ''}/$submit`, [{ name: 'businessDate', valueDate: sent }]);
    await settle({ sent, answered: answeredOn });
    done.push(...turnOf);
    const all = await search<Claim>(`Claim?encounter=${encounter}`);
    turnOf = all.filter((claim) => !done.some(({ id }) => id === claim.id));
    sent = answeredOn;
  }
  return done;
}

const engineOf = (context: OperationContext, failures: unknown[]) => ({
  store: context.store,
  now: () => Date.now(),
  random: () => 0,
  failed: (error: unknown) => {
    failures.push(error);
  },
});

/** Runs the jobs that are due until there are none. */
async function work(context: OperationContext, failures: unknown[]): Promise<void> {
  const handlers = new Map<string, Handler>(
    [
      claimDelivery(context),
      batchClosing(context),
      interchangeSending(context),
      remittancePosting(context),
    ].map((handler) => [handler.kind, handler]),
  );
  const engine = engineOf(context, failures);
  for (;;) {
    const leases = await context.store.jobs.take({ kinds: due, count: 8 });
    if (leases.length === 0) return;
    for (const lease of leases) {
      const handler = handlers.get(lease.job.kind);
      if (handler) await runJob(engine, handler, lease);
    }
  }
}

/** Looks twice for files of the partner: a file may still be written the first time. */
async function poll(context: OperationContext, failures: unknown[]): Promise<void> {
  for (let look = 0; look < 2; look++) {
    const [lease] = await context.store.jobs.take({ kinds: ['x12-poll'], count: 1 });
    if (failures.length > 0) throw failures[0];
    if (!lease) throw new Error('nobody looks for files of the partner');
    await runJob(engineOf(context, failures), partnerPoll(context), lease);
  }
}

/** Makes the folders of a mailbox. */
const makeFolders = (root: string): void => {
  for (const name of ['in', 'out', 'archive', 'failed', 'payer-archive', 'payer-failed'])
    mkdirSync(join(root, name), { recursive: true });
};
