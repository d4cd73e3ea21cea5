import type {
  Account,
  Basic,
  Binary,
  ChargeItem,
  Claim,
  ClaimResponse,
  Contract,
  DocumentReference,
  Invoice,
  PaymentNotice,
  PaymentReconciliation,
  Resource,
  ResourceType,
  Task,
} from '@medplum/fhirtypes';
import { sourceOf } from '../billing/charge/difference.ts';
import { parseReference } from '../datatypes/reference.ts';
import { noteRead } from '../interaction/origin.ts';
import { parsed } from '../interaction/repository.ts';
import type { Reader, Transaction } from '../store/store.ts';

type Stored<T> = T & { id: string };

/** A business key that one resource at a time holds. `text` is what the store keeps. */
export interface UniqueKey<T extends Resource> {
  readonly text: string;
  readonly type: T['resourceType']; // of the holder
}

const keyOf = <T extends Resource>(type: T['resourceType'], ...parts: readonly string[]): UniqueKey<T> => ({
  type,
  text: parts.join('|'),
});

/** The Account of a patient at a practice: Patient/1, Organization/1. */
export const accountKey = (patient: string, practice: string): UniqueKey<Account> =>
  keyOf('Account', 'account', patient, practice);

/** What a posted charge is for: its source in the chart, else the charge itself, where others entered it. */
export const chargeKey = (charge: Stored<ChargeItem>): UniqueKey<ChargeItem> =>
  keyOf('ChargeItem', 'charge', sourceOf(charge) ?? `ChargeItem/${charge.id}`);

/** The draft or active claim of an encounter for the payer of an order (1 for the first), and its part. */
export const claimKey = (encounter: string, order: number, part: string): UniqueKey<Claim> =>
  keyOf('Claim', 'claim', encounter, order.toString(), part);

/** The claim that replaces or takes back another one (Claim/1), draft or sent. */
export const correctionKey = (claim: string): UniqueKey<Claim> => keyOf('Claim', 'claim-correction', claim);

/** What a biller said on the drafts of such a claim, whichever of them is there now. */
export const claimEditKey = (encounter: string, order: number, part: string): UniqueKey<Basic> =>
  keyOf('Basic', 'claim-edit', encounter, order.toString(), part);

/** The bytes of an interchange that came in, by their SHA-256. */
export const interchangeKey = (sha256: string): UniqueKey<Binary> => keyOf('Binary', 'x12-content', sha256);

/** A patient control number. */
export const claimNumberKey = (number: string): UniqueKey<Claim> => keyOf('Claim', 'claim-number', number);

/** Which claim (Claim/1) went out under a number (CLM01), whatever became of it since. */
export const claimOfNumber = (reader: Reader, number: string): Promise<string | undefined> =>
  reader.holder(claimNumberKey(number).text);

/** Keeps under which number (CLM01) a claim (Claim/1) went out; a number belongs to one claim for good. */
export async function reserveSentNumber(tx: Transaction, number: string, claim: string): Promise<void> {
  if ((await claimOfNumber(tx, number)) === undefined) await tx.reserve(claimNumberKey(number).text, claim);
}

/** The content of a claim that was handed in, as a hash. */
export const claimContentKey = (hash: string): UniqueKey<Claim> => keyOf('Claim', 'claim-content', hash);

/** The content of a claim that came in as an 837, as a hash. */
export const receivedClaimKey = (hash: string): UniqueKey<Claim> => keyOf('Claim', 'received-claim', hash);

/** Locked by what makes a party of a number: an identifier system and value, or a payer and a member id. */
export const partyLock = (system: string, value: string): string => `party|${system}|${value}`;

/** What makes a claim the same as another to its payer: Organization/1 and a hash. */
export const payerClaimKey = (payer: string, hash: string): UniqueKey<Claim> =>
  keyOf('Claim', 'payer-claim', payer, hash);

/** What transactions of a payer (Organization/1) about one of its members (member id, else Patient/1) wait for. */
export const payerMemberLock = (payer: string, member: string): string => `payer-member|${payer}|${member}`;

/** The background work that sends a claim (Claim/1), and under what the simulated payer keeps its answers. */
export const submissionJobKey = (claim: string): string => `submission|${claim}`;
/** Locked by what sends a claim (Claim/1) once more and by what withdraws it: only one of the two is done. */
export const resendLock = (claim: string): string => `claim-resend|${claim}`;
/** The background work that asks after a claim (Claim/1) without an answer. */
export const followUpJobKey = (claim: string): string => `follow-up|${claim}`;
export const transmissionKey = (id: string): string => `transmission|${id}`;

/** The answer to a claim: Claim/1. */
export const responseKey = (claim: string): UniqueKey<ClaimResponse> =>
  keyOf('ClaimResponse', 'response', claim);

/** A further answer to a claim (Claim/1), the second and later ones: each adjudication of a remittance is one. */
export const furtherAnswerKey = (claim: string, n: number): UniqueKey<ClaimResponse> =>
  keyOf('ClaimResponse', 'response', claim, n.toString());

/** A payment of a payer by its trace number (TRN02), and by what it says, as a hash. */
export const remittanceKey = (payer: string, trace: string): UniqueKey<PaymentReconciliation> =>
  keyOf('PaymentReconciliation', 'remittance', payer, trace);
export const remittanceContentKey = (hash: string): UniqueKey<PaymentReconciliation> =>
  keyOf('PaymentReconciliation', 'remittance-content', hash);

/** The mark that a CLP, or a provider adjustment, of a payment was posted; `which` is its ordinal. */
export const remittedKey = (payer: string, trace: string, which: number): UniqueKey<ClaimResponse> =>
  keyOf('ClaimResponse', 'remit', payer, trace, which.toString());
export const providerAdjustedKey = (
  payer: string,
  trace: string,
  which: number,
): UniqueKey<PaymentReconciliation> => keyOf('PaymentReconciliation', 'remit', payer, trace, `plb-${which}`);

/** A payment that holds the reversal of an answer that a claim (Claim/1) did not get yet. */
export const awaitedAnswerKey = (claim: string): UniqueKey<PaymentReconciliation> =>
  keyOf('PaymentReconciliation', 'awaited-answer', claim);

/** The background work that posts a payment: PaymentReconciliation/1. */
export const postingJobKey = (remittance: string): string => `posting|${remittance}`;

/** A line of a bank statement, by what it says, as a hash. */
export const bankLineKey = (hash: string): UniqueKey<Basic> => keyOf('Basic', 'bank-line', hash);
/** The line of a bank statement that is the money of a payment or of a batch: PaymentReconciliation/1, Basic/1. */
export const bankedKey = (name: string): UniqueKey<Basic> => keyOf('Basic', 'banked', name);
/** The batch that a payment was taken to the bank with: PaymentNotice/1, PaymentReconciliation/1. */
export const batchedKey = (name: string): UniqueKey<Basic> => keyOf('Basic', 'batched', name);
/** Money of an 835 that the bank has and that did not come here yet, by its number and amount in cents. */
export const bankDepositKey = (trace: string, amount: number): UniqueKey<PaymentReconciliation> =>
  keyOf('PaymentReconciliation', 'bank-deposit', trace, amount.toString());

/** What a payer holds of a member: Organization/1, the member id, Patient/1. */
export const enrollmentKey = (payer: string, member: string, patient: string): UniqueKey<Basic> =>
  keyOf('Basic', 'enrollment', payer, member, patient);

/** The Invoice for an ExplanationOfBenefit/1, or for an Encounter/1 that the patient pays himself. */
export const invoiceKey = (of: string): UniqueKey<Invoice> => keyOf('Invoice', 'invoice', of);

/** An invoice number. */
export const invoiceNumberKey = (number: string): UniqueKey<Invoice> =>
  keyOf('Invoice', 'invoice-number', number);

/** Which months of a practice (Organization/1) are closed. */
export const closingKey = (practice: string): UniqueKey<Basic> => keyOf('Basic', 'closing', practice);

/** The resource that says so (Basic/1), where there is one. */
export const closingOfPractice = (reader: Reader, practice: string): Promise<string | undefined> =>
  reader.holder(closingKey(practice).text);

/** What a practice (Organization/1) takes over from a former system, by the name of that. */
export const openingKey = (practice: string, source: string): UniqueKey<Basic> =>
  keyOf('Basic', 'opening', practice, source.trim().toUpperCase());

/** The application for financial assistance of an Account (Account/1) that is not decided yet. */
export const assistanceKey = (account: string): UniqueKey<Basic> => keyOf('Basic', 'assistance', account);

/** The payment plan of an Account (Account/1) that is kept now. */
export const planKey = (account: string): UniqueKey<Contract> => keyOf('Contract', 'payment-plan', account);

/** What was taken over for a practice: its number in the former system, among those of its kind. */
export const openedKey = (
  practice: string,
  kind: 'claim' | 'balance' | 'credit' | 'plan',
  reference: string,
): UniqueKey<Resource> => ({
  type: { claim: 'Claim', balance: 'Invoice', credit: 'PaymentNotice', plan: 'Contract' }[
    kind
  ] as ResourceType,
  text: ['opened', practice, kind, reference.trim().toUpperCase()].join('|'),
});

/** The number of a payment or refund among those that stand: of a practice, its payer and method. */
export const receiptKey = (
  kind: 'payment' | 'refund',
  of: { readonly practice: string; readonly payer: string; readonly method: string },
  number: string,
): UniqueKey<PaymentNotice> => keyOf('PaymentNotice', kind, of.practice, of.payer, of.method, number);

/** The first receipt of a practice with a number, whoever paid and how. */
export const receiptNumberKey = (
  kind: 'payment' | 'refund',
  practice: string,
  number: string,
): UniqueKey<PaymentNotice> => keyOf('PaymentNotice', `${kind}-number`, practice, number);

/** The key of a payment or refund as stores of before have it: the number as it was written. */
export const formerReceiptKey = (
  kind: 'payment' | 'refund',
  practice: string,
  number: string,
): UniqueKey<PaymentNotice> => keyOf('PaymentNotice', kind, practice, number);

/** The Invoice for what was refunded of a payment that was returned: PaymentNotice/1 and the Account. */
export const returnedKey = (payment: string, account: string): UniqueKey<Invoice> =>
  keyOf('Invoice', 'invoice', payment, account);

/** A statement, receipt or itemised bill of Account/1 or PaymentNotice/1, by the hash of what it says. */
export const billDocumentKey = (of: string, hash: string): UniqueKey<DocumentReference> =>
  keyOf('DocumentReference', 'bill-document', of, hash);
/** The background work that prints what was kept: DocumentReference/1. */
export const printingJobKey = (document: string): string => `printing|${document}`;

/** The mark that a claim went to a payer: Claim/1. It is never freed. */
export const sentKey = (claim: string): UniqueKey<Claim> => keyOf('Claim', 'sent', claim);

/** The mark of what an operation wrote for the books: PaymentNotice/1. It is never freed, and no client reaches it. */
export const operationWroteKey = (name: string): UniqueKey<Resource> => ({
  type: parseReference(name)?.type ?? 'Basic',
  text: `operation-wrote|${name}`,
});

/** A piece of work: its code, what it is about (Claim/1), and what tells it from others of that code. */
export const taskKey = (code: string, focus: string, detail = ''): UniqueKey<Task> =>
  keyOf('Task', 'task', code, focus, detail);

/** The mark that a person was asked after a claim (Claim/1) without an answer; it is never freed. */
export const askedAfterKey = (claim: string): UniqueKey<Task> => keyOf('Task', 'asked-after', claim);

/**
 * The statuses in which a resource does not hold its keys any longer. A deleted one holds none either. A cancelled Task
 * keeps its key: somebody decided that the work is not to be done.
 */
const fallen: Partial<Record<ResourceType, readonly string[]>> = {
  Account: ['entered-in-error'],
  ChargeItem: ['entered-in-error', 'aborted', 'not-billable'],
  Claim: ['cancelled', 'entered-in-error'],
  ClaimResponse: ['cancelled', 'entered-in-error'],
  Contract: ['resolved', 'terminated', 'entered-in-error'],
  Invoice: ['cancelled', 'entered-in-error'],
  PaymentNotice: ['cancelled', 'entered-in-error'],
  PaymentReconciliation: ['cancelled', 'entered-in-error'],
  Task: ['entered-in-error'],
};

const statusOf = (resource: Resource): string | undefined =>
  'status' in resource && typeof resource.status === 'string' ? resource.status : undefined;

/** The resource that holds a key and stands; undefined when the key is free. */
export async function holderOf<T extends Resource>(
  reader: Reader,
  { text, type }: UniqueKey<T>,
): Promise<Stored<T> | undefined> {
  const target = parseReference(await reader.holder(text));
  if (target?.type !== type) return undefined;
  const stored = await reader.read(target.type, target.id);
  if (!stored || stored.deleted) return undefined;
  noteRead(reader, stored);
  const resource = parsed<T>(stored);
  if (fallen[type]?.includes(statusOf(resource) ?? '') === true) return undefined;
  return Object.assign(resource, { id: target.id });
}

/** Whether a key is written down, whether its holder stands or not. */
export const isTaken = async (reader: Reader, { text }: UniqueKey<Resource>): Promise<boolean> =>
  (await reader.holder(text)) !== undefined;

/** The reference that a key is written down for, whether what it names stands or not. */
export const writtenHolder = (reader: Reader, { text }: UniqueKey<Resource>): Promise<string | undefined> =>
  reader.holder(text);

/** Whether this resource (ChargeItem/1) is written down as the holder of a key, standing or not. */
export const isHeldBy = async (
  reader: Reader,
  { text }: UniqueKey<Resource>,
  holder: string,
): Promise<boolean> => (await reader.holder(text)) === holder;

/** Says which keys will be asked for: a store to which each is a message asks for all in one. */
export const readKeysAhead = (tx: Transaction, keys: readonly UniqueKey<Resource>[]): Promise<boolean> =>
  tx.readAhead(
    [],
    keys.map(({ text }) => text),
  );

/**
 * Takes a key for a resource, unless another holds it and stands (409). Answers with the former holder that stands no
 * longer: what it left behind may have to be taken back.
 */
export async function reserveKey<T extends Resource>(
  tx: Transaction,
  { text, type }: UniqueKey<T>,
  holder: string,
): Promise<string | undefined> {
  const former = await tx.holder(text);
  const isFree = former !== undefined && former !== holder && !(await holderOf(tx, { text, type }));
  if (isFree) await tx.release(text);
  await tx.reserve(text, holder);
  return isFree ? former : undefined;
}

/** Held since the demo practice was begun to be loaded into a store: it is a demo, for good. */
export const demoSeedKey = 'seed|begun';
export const wasSeededAsDemo = async (reader: Reader): Promise<boolean> =>
  (await reader.holder(demoSeedKey)) !== undefined;

/** Frees a key. */
export const releaseKey = (tx: Transaction, { text }: UniqueKey<Resource>): Promise<void> => tx.release(text);
