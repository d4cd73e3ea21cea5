import type {
  Basic,
  ChargeItem,
  Claim,
  ClaimResponse,
  CodeableConcept,
  ExplanationOfBenefit,
  Invoice,
  PaymentNotice,
  PaymentReconciliation,
  Reference,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import type { Posting } from '../../datatypes/entry.ts';
import { isFeeContract } from '../../billing/contract/feeContract.ts';
import { isBankLine, isBatch } from '../../billing/deposit/bankRecord.ts';
import { has } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { extension, system } from '../../terminology/system.ts';
import { isMerge } from '../merge/mergeRecord.ts';
import { isClosing } from '../closing/closing.ts';
import { draftPlace } from '../claim/claimEdits.ts';
import {
  chargeKey,
  claimEditKey,
  isHeldBy,
  isTaken,
  operationWroteKey,
  responseKey,
  sentKey,
  taskKey,
} from '../uniqueKey.ts';

type Stored<T> = T & { id: string };

/** The operation that changes a resource which stands in the books; undefined for one that is free. Decision 0021. */
export async function keptBy(reader: Reader, resource: Stored<Resource>): Promise<string | undefined> {
  switch (resource.resourceType) {
    case 'Invoice':
      return (await wasIssued(reader, resource))
        ? 'Invoice/[id]/$record-payment and $write-off change it, $generate-invoice replaces it'
        : undefined;
    case 'ChargeItem':
      return (await wasPosted(reader, resource))
        ? 'Encounter/[id]/$capture-charges changes it as the chart changes'
        : undefined;
    case 'Claim':
      return (await wasSent(reader, resource))
        ? resource.use === 'predetermination'
          ? 'it is kept as it was given to the patient, Claim/$good-faith-estimate gives another'
          : 'Claim/[id]/$submit goes on with it, $correct and $void replace it or take it back'
        : undefined;
    case 'PaymentNotice':
      return (await isReceipt(reader, resource)) ? 'PaymentNotice/[id]/$reverse takes it back' : undefined;
    case 'Contract':
      return (await isTaken(reader, operationWroteKey(referenceText(resource))))
        ? (onlyBy(resource) ??
            'Account/[id]/$payment-plan agrees another plan, Contract/[id]/$end-plan ends one')
        : undefined;
    case 'Basic':
      if (await isApplication(reader, resource))
        return 'Basic/[id]/$decide-assistance decides on it, $reverse-assistance takes it back';
      if (isOpeningRecord(resource) && (await isTaken(reader, operationWroteKey(referenceText(resource)))))
        return '$load-opening goes on with it';
      if (isClosing(resource) && (await isTaken(reader, operationWroteKey(referenceText(resource)))))
        return 'Organization/[id]/$close-period and $reopen-period change it';
      if (isMerge(resource) && (await isTaken(reader, operationWroteKey(referenceText(resource)))))
        return 'Patient/[id]/$unmerge undoes a merge';
      if (isBankLine(resource) || isBatch(resource))
        return (await isTaken(reader, operationWroteKey(referenceText(resource))))
          ? '$reconcile-bank says what a line of the bank is the money of, PaymentNotice/$close-batch closes a batch'
          : undefined;
      return (await keepsEdits(reader, resource))
        ? 'Claim/[id]/$edit says otherwise what a biller adds to a draft'
        : undefined;
    case 'Task':
      if (await keepsFigures(reader, resource)) return onlyBy(resource);
      if (await isHeldReview(reader, resource)) return 'Task/[id]/$review-coding decides on it';
      return (await followsSubmission(reader, resource))
        ? 'it says where a claim stands, $submit and the answers of the payer change it'
        : undefined;
    case 'Communication':
    case 'DocumentReference':
      return isBillDocument(resource) && (await isTaken(reader, operationWroteKey(referenceText(resource))))
        ? 'it is kept as it went to the patient'
        : undefined;
    case 'Binary':
      return (await isTaken(reader, operationWroteKey(referenceText(resource))))
        ? 'it is kept as it was sent or received'
        : undefined;
    case 'CoverageEligibilityResponse':
      return (await isTaken(reader, operationWroteKey(referenceText(resource))))
        ? 'it is kept as the payer answered, to ask anew is a new request'
        : undefined;
    case 'ClaimResponse':
    case 'ExplanationOfBenefit':
    case 'PaymentReconciliation':
      return (await isAnswer(reader, resource))
        ? 'Claim/[id]/$submit records the answers of payers'
        : undefined;
    default:
      return undefined;
  }
}

/** The Task that follows the submission of a claim: Claim/[id]/$state is read from it. */
async function followsSubmission(reader: Reader, task: Stored<Task>): Promise<boolean> {
  if (!has(task.code, system.task, 'submission')) return false;
  return isHeldBy(reader, taskKey('submission', task.focus?.reference ?? ''), referenceText(task));
}

/** The operation that alone makes a resource, where plain writes make none such; undefined for what anybody may write. */
export function onlyBy(resource: Resource): string | undefined {
  if (resource.resourceType === 'Contract' && isFeeContract(resource))
    return 'Organization/[id]/$load-contract loads a schedule, another in its place too';
  if (resource.resourceType !== 'Task') return undefined;
  const code = keptCodes.find((one) => has(resource.code, system.task, one));
  return code && keptTasks[code];
}

/** Tasks that keep figures beside what they are about, and who alone writes them. */
const keptTasks = {
  'payment-expected': 'Claim/[id]/$submit keeps what is expected of a claim when it is sent',
  'estimate-compared': 'what is billed is compared with its estimate when the Invoice is made',
  'late-paid': 'the nightly work late-pay keeps what a payer paid late, and the interest for it',
} as const;
const keptCodes = ['payment-expected', 'estimate-compared', 'late-paid'] as const;

/** A Task that keeps figures beside what it is about. */
async function keepsFigures(reader: Reader, task: Stored<Task>): Promise<boolean> {
  const code = keptCodes.find((one) => has(task.code, system.task, one));
  if (code === undefined) return false;
  return isHeldBy(reader, taskKey(code, task.focus?.reference ?? ''), referenceText(task));
}

/** The Task of a second review, which holds the claims of a visit. */
const isHeldReview = async (reader: Reader, task: Stored<Task>): Promise<boolean> =>
  has(task.code, system.task, 'coding-review') &&
  isHeldBy(reader, taskKey('coding-review', task.focus?.reference ?? ''), referenceText(task));

/** Whether a resource is a statement, a receipt or an itemised bill, or says that one was sent. */
export const isBillDocument = (resource: Resource): boolean =>
  (resource.resourceType === 'DocumentReference' && hasBillType(resource.type)) ||
  (resource.resourceType === 'Communication' && resource.category?.some(hasBillType) === true);
const hasBillType = (concept: CodeableConcept | undefined): boolean =>
  concept?.coding?.some((coding) => coding.system === system.billDocument) === true;

/** Whether a Basic resource says that it keeps the edits of a draft. */
export const isEditRecord = ({ code }: Basic): boolean => has(code, system.basic, 'claim-edit');

/** Whether a Basic resource says what a practice takes over from a former system. */
export const isOpeningRecord = ({ code }: Basic): boolean => has(code, system.basic, 'opening');

/** Whether a Basic resource is an application for financial assistance. */
export const isAssistanceRecord = ({ code }: Basic): boolean =>
  has(code, system.basic, 'financial-assistance');

/** Whether an application was taken in by $apply-for-assistance: one that a client wrote is none. */
export const isApplication = async (reader: Reader, record: Stored<Basic>): Promise<boolean> =>
  isAssistanceRecord(record) && isTaken(reader, operationWroteKey(referenceText(record)));

/** What $edit wrote: it has the mark, or for one from before the mark it holds the place of the draft it is of. */
async function keepsEdits(reader: Reader, record: Stored<Basic>): Promise<boolean> {
  if (!isEditRecord(record)) return false;
  const name = referenceText(record);
  if (await isTaken(reader, operationWroteKey(name))) return true;
  const claim = extensionOf(record, extension.editedClaim)?.valueReference;
  const draft = await resolve<Claim>(reader, 'Claim', claim);
  const place = draft && draftPlace(draft);
  if (!place) return false;
  return isHeldBy(reader, claimEditKey(place.encounter, place.order, place.part), name);
}

/** A charge that stands in the ledger, or stood there before it was taken back. */
async function wasPosted(reader: Reader, charge: Stored<ChargeItem>): Promise<boolean> {
  const name = referenceText(charge);
  if (await isHeldBy(reader, chargeKey(charge), name)) return true;
  return isInJournal(reader, charge.account?.[0], (posting) => posting.charge === name);
}

/** An Invoice whose money stands, or stood, in the ledger. A draft does not, nor do those of others. */
const wasIssued = (reader: Reader, invoice: Stored<Invoice>): Promise<boolean> =>
  isInJournal(reader, invoice.account, (posting) => posting.invoice === referenceText(invoice));

/** A claim that went to a payer: the mark of its sending, an answer, or its entry in the ledger. */
async function wasSent(reader: Reader, claim: Stored<Claim>): Promise<boolean> {
  const name = referenceText(claim);
  if (await isTaken(reader, sentKey(name))) return true;
  if (await isTaken(reader, responseKey(name))) return true;
  const account = extensionOf(claim, extension.account)?.valueReference;
  if (!account) return false;
  const journal = await reader.journal(account.reference ?? '');
  return journal.some((e) => e.reason === 'claim-submitted' && e.postings.some((p) => p.claim === name));
}

/** A receipt that an operation wrote: its mark, or for one from before the mark its entry in the ledger. */
async function isReceipt(reader: Reader, notice: Stored<PaymentNotice>): Promise<boolean> {
  const name = referenceText(notice);
  if (await isTaken(reader, operationWroteKey(name))) return true;
  const invoice = await resolve<Invoice>(reader, 'Invoice', notice.request);
  const account = invoice ? invoice.account : notice.request;
  const journal = await reader.journal(account?.reference ?? '');
  return journal.some((e) => e.cause.startsWith(`${name}/`));
}

type Answer = ClaimResponse | ExplanationOfBenefit | PaymentReconciliation;

/**
 * What an operation wrote of a payer's answer: it has the mark. Before there were marks, the answer held the key of its
 * claim, and what names such an answer was written with it.
 */
async function isAnswer(reader: Reader, resource: Stored<Answer>): Promise<boolean> {
  const name = referenceText(resource);
  if (await isTaken(reader, operationWroteKey(name))) return true;
  const response = responseOf(resource);
  const target = parseReference(response);
  if (target?.type !== 'ClaimResponse') return false;
  const answer = `ClaimResponse/${target.id}`;
  if (answer !== name && (await isTaken(reader, operationWroteKey(answer)))) return false;
  const found =
    resource.resourceType === 'ClaimResponse'
      ? resource
      : await resolve<ClaimResponse>(reader, 'ClaimResponse', { reference: answer });
  const claim = parseReference(found?.request?.reference);
  return claim !== undefined && isHeldBy(reader, responseKey(`Claim/${claim.id}`), answer);
}

function responseOf(resource: Stored<Answer>): string | undefined {
  if (resource.resourceType === 'ClaimResponse') return referenceText(resource);
  if (resource.resourceType === 'ExplanationOfBenefit') return resource.claimResponse?.reference;
  return resource.detail?.find((d) => d.response)?.response?.reference;
}

async function isInJournal(
  reader: Reader,
  account: Reference | undefined,
  fits: (posting: Posting) => boolean,
): Promise<boolean> {
  if (parseReference(account?.reference)?.type !== 'Account') return false;
  return (await reader.journal(account?.reference ?? '')).some((e) => e.postings.some(fits));
}
