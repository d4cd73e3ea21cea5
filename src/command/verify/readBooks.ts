import { changed } from '../../datatypes/json.ts';
import type {
  Basic,
  Claim,
  ClaimResponse,
  Invoice,
  PaymentNotice,
  PaymentReconciliation,
  Resource,
} from '@medplum/fhirtypes';
import { isBankLine, isBatch } from '../../billing/deposit/bankRecord.ts';
import { answerFaults, bookFaults } from '../../billing/ledger/bookFaults.ts';
import { claimFaults } from '../../billing/ledger/claimFaults.ts';
import { openingFaults } from '../../billing/ledger/openingFaults.ts';
import { replayFaults } from '../../billing/ledger/replayFaults.ts';
import { allocationOf, notAllocated } from '../../billing/payment/receipt.ts';
import { centsOf, sum, toMoney, toText, zero, type Cents } from '../../datatypes/cents.ts';
import { openOf } from '../../billing/opening/broughtForward.ts';
import { notPosted } from '../../billing/remittance/reconciliation.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { priorClaimOf } from '../../terminology/claimFrequency.ts';
import type { Piece } from '../../store/copying.ts';
import type { Store } from '../../store/store.ts';
import { resourceOf } from '../../store/version.ts';
import { depositFaults } from './depositFaults.ts';

const pageSize = 500;
const money = (amount: { value?: number } | undefined): Cents => centsOf(amount) ?? zero;

/** What a pass over a store finds: how much it holds, and what is wrong. */
export interface StoreFaults {
  readonly resources: number;
  readonly entries: number;
  readonly faults: readonly string[];
}

interface Found {
  resources: number;
  readonly faults: string[];
  readonly current: Set<string>; // those of the types that the journal names
  readonly claims: Map<string, Claim>;
  readonly responses: ClaimResponse[];
  readonly invoices: Invoice[];
  readonly notices: PaymentNotice[];
  readonly remitted: Cents[];
  readonly remittances: PaymentReconciliation[];
  readonly deposits: Basic[]; // lines of the bank and batches
  readonly journal: Map<string, Entry[]>;
}

const named = ['Account', 'ChargeItem', 'Claim', 'Invoice', 'Encounter', 'Organization'];

/** Reads a whole store once, version by version, and holds its records of money against its journal. */
export async function storeFaults({ copying }: Store, now: number): Promise<StoreFaults> {
  const found: Found = {
    resources: 0,
    faults: [],
    current: new Set(),
    claims: new Map(),
    responses: [],
    invoices: [],
    notices: [],
    remitted: [],
    remittances: [],
    deposits: [],
    journal: new Map(),
  };
  for (let after: string | undefined; ;) {
    const page = await copying.pieces({ after, count: pageSize, at: now });
    for (const piece of page.pieces) take(found, piece);
    after = page.next;
    if (after === undefined) break;
  }
  const faults = [
    ...found.faults,
    ...ofAnswers(found),
    ...ofAccounts(found),
    ...ofCash(found),
    ...ofDeposits(found),
    ...ofMerges(found),
    ...depositFaults({ ...found, records: found.deposits }),
    ...ofJournal(found),
  ];
  const entries = [...found.journal.values()].reduce((n, { length }) => n + length, 0);
  return { resources: found.resources, entries, faults };
}

function take(found: Found, piece: Piece): void {
  if (piece.kind === 'entry') {
    const entries = found.journal.get(piece.account) ?? [];
    entries.push(JSON.parse(piece.text) as Entry);
    found.journal.set(piece.account, entries);
  }
  if (piece.kind === 'record' && !isJson(piece.record.value))
    found.faults.push(`a record of kind ${piece.record.kind} cannot be read`);
  if (piece.kind !== 'resource') return;
  found.resources += 1;
  const name = `${piece.type}/${piece.id}`;
  for (const [i, { version, json, method }] of piece.versions.entries()) {
    if (version !== i + 1) found.faults.push(`${name}: version ${i + 1} is missing`);
    const resource = method === 'DELETE' ? undefined : readable(json);
    if (method !== 'DELETE' && (resource?.id !== piece.id || resource.meta?.versionId !== String(version)))
      found.faults.push(`${name}: version ${version} cannot be read, or is another's`);
    if (i === piece.versions.length - 1 && resource) takeCurrent(found, name, resource);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readable(json: Uint8Array): Resource | undefined {
  try {
    return resourceOf({ json });
  } catch {
    return undefined;
  }
}

function takeCurrent(found: Found, name: string, resource: Resource): void {
  if (named.includes(resource.resourceType)) found.current.add(name);
  switch (resource.resourceType) {
    case 'Basic':
      if (isBankLine(resource) || isBatch(resource)) found.deposits.push(resource);
      return;
    case 'Claim':
      found.claims.set(name, resource);
      return;
    case 'ClaimResponse':
      found.responses.push(resource);
      return;
    case 'Invoice':
      found.invoices.push(resource);
      return;
    case 'PaymentNotice':
      found.notices.push(resource);
      return;
    case 'PaymentReconciliation':
      found.remitted.push(remittedBy(resource));
      found.remittances.push(resource);
      return;
    default:
  }
}

const remittedBy = ({ status, paymentAmount }: PaymentReconciliation): Cents =>
  status === 'active' ? money(paymentAmount) : zero;

const ofAnswers = ({ responses }: Found): string[] =>
  responses.flatMap((response) =>
    answerFaults(response).map(({ invariant, text }) => `(${invariant}) ${text}`),
  );

function ofAccounts({ journal, invoices, notices, responses }: Found): string[] {
  const answers = Map.groupBy(responses, (r) => r.request?.reference ?? '');
  const byAccount = Map.groupBy(invoices, ({ account }) => account?.reference ?? '');
  const accountOf = new Map(
    invoices.map(({ id, account }) => [`Invoice/${id ?? ''}`, account?.reference ?? '']),
  );
  const receipts = new Map<string, PaymentNotice[]>();
  for (const notice of notices)
    for (const [account, amount] of partsOf(notice, accountOf)) {
      const own = receipts.get(account) ?? [];
      own.push(changed(notice, { amount: toMoney(amount) }));
      receipts.set(account, own);
    }
  const accounts = new Set([...journal.keys(), ...byAccount.keys(), ...receipts.keys()]);
  return [...accounts].flatMap((account) =>
    // an Invoice or a receipt without entries is another system's
    !journal.has(account)
      ? []
      : [
          ...bookFaults({
            account,
            journal: journal.get(account) ?? [],
            invoices: byAccount.get(account) ?? [],
            receipts: receipts.get(account) ?? [],
          }),
          ...openingFaults(account, journal.get(account) ?? []),
          ...claimFaults(account, journal.get(account) ?? [], answers),
          ...replayFaults(account, journal.get(account) ?? []),
        ].map(({ invariant, text }) => `(${invariant}) ${text}`),
  );
}

/** What of a receipt belongs to each Account. */
function partsOf(notice: PaymentNotice, accountOf: ReadonlyMap<string, string>): Map<string, Cents> {
  const parts = allocationOf(notice);
  const request = notice.request?.reference ?? '';
  const own = new Map<string, Cents>();
  const put = (account: string, amount: Cents): void => {
    if (account !== '' && amount !== 0) own.set(account, sum([own.get(account) ?? zero, amount]));
  };
  for (const { invoice, amount } of parts) put(accountOf.get(invoice) ?? '', amount);
  put(accountOf.get(request) ?? request, notAllocated(money(notice.amount), parts));
  return own;
}

/** (g) Cash = Σ PaymentReconciliation.paymentAmount + Σ PaymentNotice.amount, refunds being negative. */
function ofCash({ journal, remitted, notices }: Found): string[] {
  const entries = [...journal.values()].flat();
  const cash = sum(
    entries.flatMap((e) => e.postings.filter((p) => p.account === 'cash').map((p) => p.amount)),
  );
  // what a former system had received is no cash here: it stands against the opening balance
  const opened = new Set(entries.flatMap((e) => (e.reason === 'opening-balance' ? [withoutVersion(e)] : [])));
  const received = notices.filter((n) => n.status === 'active' && !opened.has(`PaymentNotice/${n.id ?? ''}`));
  const due = sum([...remitted, ...received.map((n) => money(n.amount))]);
  return cash === due
    ? []
    : [`(g) cash is ${toText(cash)} and should be ${toText(due)} by remittances and receipts`];
}

const withoutVersion = ({ cause }: Entry): string => cause.split('/_history/')[0] ?? '';

/** (g) What waits of a deposit to be posted is what of its remittance was not posted yet. */
function ofDeposits({ journal, remittances }: Found): string[] {
  const waiting = new Map<string, number>();
  for (const p of [...journal.values()].flat().flatMap((e) => e.postings))
    if (p.account === 'unidentified-payer-cash' && p.remittance !== undefined)
      waiting.set(p.remittance, (waiting.get(p.remittance) ?? 0) - p.amount);
  return remittances.flatMap((remittance) => {
    const name = `PaymentReconciliation/${remittance.id ?? ''}`;
    const is = sum([(waiting.get(name) ?? 0) as Cents]);
    const due = notPosted(remittance);
    return due === undefined || is === due
      ? []
      : [`(g) ${toText(is)} of the deposit of ${name} waits to be posted and should be ${toText(due)}`];
  });
}

/** (a) What merges of two records moved is nothing over all Accounts. */
function ofMerges({ journal }: Found): string[] {
  const postings = [...journal.values()].flat().flatMap((e) => e.postings);
  const over = sum(postings.flatMap((p) => (p.account === 'merged-accounts' ? [p.amount] : [])));
  return over === 0 ? [] : [`(a) merges moved ${toText(over)} more to Accounts than from others`];
}

/** (d) What was opened of a claim is what its Claim says a former system had open. */
function openedFaults(entry: Entry, claims: ReadonlyMap<string, Claim>): string[] {
  const placed = entry.postings.filter((p) => p.amount > 0 && p.claim !== undefined);
  const claim = claims.get(placed[0]?.claim ?? '');
  const amount = sum(placed.map((p) => p.amount));
  const said = claim && openOf(claim);
  return claim === undefined || amount === said
    ? []
    : [
        `(d) of Claim/${claim.id ?? ''} ${toText(said ?? zero)} was open in the former system and ${toText(amount)} was opened`,
      ];
}

/** What the journal names is there, and what was placed on a claim is what the claim asks for. */
function ofJournal({ journal, current, claims }: Found): string[] {
  const missing = new Set<string>();
  const faults: string[] = [];
  for (const entries of journal.values()) {
    for (const entry of entries) {
      for (const p of entry.postings)
        for (const name of [p.charge, p.claim, p.invoice])
          if (name !== undefined && !current.has(name)) missing.add(name);
      if (entry.reason === 'opening-balance') faults.push(...openedFaults(entry, claims));
      if (entry.reason !== 'claim-submitted') continue;
      const placed = entry.postings.filter((p) => p.amount > 0 && p.claim !== undefined);
      const claim = claims.get(placed[0]?.claim ?? '');
      if (claim && priorClaimOf(claim)) continue; // the charges of the claim before come with its reversal
      const amount = sum(placed.map((p) => p.amount));
      if (claim && amount !== money(claim.total))
        faults.push(
          `(d) Claim/${claim.id ?? ''} asks for ${toText(money(claim.total))} and ${toText(amount)} was placed on it`,
        );
    }
  }
  return [...faults, ...[...missing].map((name) => `the journal has entries of ${name}, which is not there`)];
}
