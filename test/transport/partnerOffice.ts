import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Claim,
  ClaimResponse,
  Endpoint,
  Extension,
  OrganizationAffiliation,
  Task,
} from '@medplum/fhirtypes';
import { withBackground } from '../../src/background.ts';
import { hopsOf, type Hop } from '../../src/datatypes/hop.ts';
import { shippedGateways } from '../../src/gateways.ts';
import type { OperationContext } from '../../src/operation/operation.ts';
import type { Store } from '../../src/store/store.ts';
import { extension, hopTerms, system } from '../../src/terminology/system.ts';
import { openTransport } from '../../src/transport/openTransport.ts';
import type { Transport, Way } from '../../src/transport/transport.ts';
import { testContext } from '../context.ts';
import { openSender, type Sender } from '../firm/payerAtTheEnd.ts';
import { until } from '../until.ts';
import { leastLoop } from './claimLoop.ts';

export const practice = 'Organization/alder-street-clinic';
export const payer = 'Organization/juniper-ridge';

/** The Endpoint of a clearinghouse that is reached by a folder. */
export const clearinghouse = (
  parts: Readonly<Record<string, string | number>> = {},
): Endpoint & { id: string } => ({
  resourceType: 'Endpoint',
  id: 'acme',
  status: 'active',
  name: 'ACME',
  connectionType: { system: system.gateway, code: 'x12-directory' },
  payloadType: [{ text: 'X12' }],
  address: 'file:///acme',
  managingOrganization: { reference: practice },
  extension: [
    {
      url: extension.tradingPartner,
      extension: Object.entries({
        sender: 'ALDER',
        receiver: 'ACMECH',
        batchSeconds: 0,
        pollSeconds: 1,
        quietSeconds: 0,
        ...parts,
      }).map(([url, value]): Extension =>
        typeof value === 'number'
          ? { url, valueInteger: value }
          : url === 'usage' || url === 'envelope'
            ? { url, valueCode: value }
            : { url, valueString: value },
      ),
    },
  ],
});

export const routeTo = (
  over: Partial<OrganizationAffiliation> = {},
): OrganizationAffiliation & { id: string } => ({
  resourceType: 'OrganizationAffiliation',
  id: 'alder-juniper',
  active: true,
  organization: { reference: payer },
  participatingOrganization: { reference: practice },
  identifier: [{ value: 'JR001' }],
  code: [{ coding: [{ system: system.transaction, code: '837P' }] }],
  endpoint: [{ reference: 'Endpoint/acme' }],
  ...over,
});

/** The office of the knee visit, whose claims go to a clearinghouse by a folder. */
export interface PartnerOffice extends Sender {
  readonly folder: string;
  readonly context: OperationContext;
  files(folder: string): string[];
  /** The interchanges that lie in the folder of what was sent. */
  sentTexts(): string[];
  claimsIn(text: string): string[];
  number(claim: string): Promise<string>;
  hops(claim: string): Promise<Hop[]>;
  tasks(code: string): Promise<(Task & { id: string })[]>;
  /** Drafts and submits a visit; answers with its claim. */
  sendVisit(name: string): Promise<string>;
  answer(claim: string): Promise<ClaimResponse | undefined>;
  /** Puts a file out for us. */
  drop(name: string, text: string): void;
  close(): Promise<void>;
}

export interface PartnerOptions {
  readonly over?: Partial<OperationContext>;
  /** Changes what a transport does. */
  readonly wrap?: (transport: Transport) => Transport;
  readonly folder?: string;
}

export async function openPartnerOffice(
  open: () => Promise<Store>,
  { over = {}, wrap = (t) => t, folder }: PartnerOptions = {},
): Promise<PartnerOffice> {
  const root = folder ?? mkdtempSync(join(tmpdir(), 'claimwright-partner-'));
  mkdirSync(join(root, 'acme', 'in'), { recursive: true });
  const store = await open();
  const given = await testContext({
    store,
    payer: 'none',
    gateways: shippedGateways,
    claimLoop: leastLoop,
    submitWait: 10_000,
    openTransport: async (way: Way) => wrap(await openTransport(way, { root, hosts: [] })),
    ...over,
  });
  const { context, queue } = withBackground(given, () => undefined);
  const sender = await openSender(() => Promise.resolve(store), { ...context, background: () => undefined });
  queue.start();
  const files = (name: string): string[] => {
    try {
      return readdirSync(join(root, 'acme', name))
        .filter((file) => !file.startsWith('.'))
        .sort();
    } catch {
      return [];
    }
  };
  const tasks = async (code: string): Promise<(Task & { id: string })[]> => {
    const bundle = (await sender.get(`Task?code=${system.task}|${code}`)) as unknown as {
      entry?: { resource: Task & { id: string } }[];
    };
    return (bundle.entry ?? []).map((e) => e.resource);
  };
  return {
    ...sender,
    context,
    folder: root,
    files,
    tasks,
    sentTexts: () => files('out').map((file) => readFileSync(join(root, 'acme', 'out', file), 'latin1')),
    claimsIn: (text) => [...text.matchAll(/~CLM\*([^*]+)\*/g)].map((match) => match[1] ?? ''),
    number: async (claim) => (await sender.get<Claim>(claim)).identifier?.[0]?.value ?? '',
    hops: async (claim) =>
      hopsOf(
        (await tasks('submission')).find((task) => task.focus?.reference === claim),
        hopTerms,
      ),
    sendVisit: async (name) => {
      const claim = await sender.draft(name);
      const { status, text } = await sender.submit(claim);
      if (status !== 200) throw new Error(text);
      return claim;
    },
    answer: (claim) => sender.response(claim),
    drop: (name, text) => {
      writeFileSync(join(root, 'acme', 'in', `.${name}`), text);
      writeFileSync(join(root, 'acme', 'in', name), text);
      rmSync(join(root, 'acme', 'in', `.${name}`));
    },
    close: async () => {
      await queue.stop();
      await store.close();
      if (folder === undefined) rmSync(root, { recursive: true });
    },
  };
}

export { until };
