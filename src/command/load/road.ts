import type {
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  Invoice,
  OperationOutcome,
  Parameters,
  ParametersParameter,
  Resource,
} from '@medplum/fhirtypes';
import { addDays, dateOf } from '../../datatypes/date.ts';
import { codeOfIssue, isFault, type Issue } from '../../outcome/issue.ts';
import type { Client, Reply } from './client.ts';
import type { LoadedVisit } from './visit.ts';

/** What became of one visit: what was billed, or why nothing was. */
export interface Billed {
  readonly visit: LoadedVisit;
  readonly claims: readonly Claim[];
  readonly answers: readonly ClaimResponse[];
  readonly invoices: readonly Invoice[];
  readonly reason?: Reason; // only where there is neither claim nor self-pay invoice
  readonly notes: readonly Reason[]; // what of a billed visit could not be billed
}

/** A stable code and a sentence. */
export interface Reason {
  readonly code: string;
  readonly text: string;
}

/** Days between the end of a visit and its claim. */
const claimDelay_days = 3;
/** Information that tells of a service that is not on the bill. */
const leftOut = /unpriced|unmapped|no-map|no-price|not-on-claim|left-out/;

/** A bill to a minor that waits for an adult to send it to. */
const waits = (issue: Issue): boolean => codeOfIssue(issue) === 'guarantor-missing';

/** The day a visit is billed on; undefined is today, as the server has it. */
export function billingDay(asOf: string, { end }: LoadedVisit): string | undefined {
  if (asOf === 'today') return undefined;
  return asOf === 'visit' ? addDays(dateOf(end), claimDelay_days) : asOf;
}

/** Sends a claim as of the visit's day in a demo, else today: no other store takes another day. */
async function submit(
  client: Client,
  claim: Claim,
  businessDate: readonly ParametersParameter[],
): Promise<Reply> {
  const path = `Claim/${claim.id ?? ''}/$submit`;
  const reply = await client.call(path, businessDate);
  const refused = issuesOf(reply).some((issue) => codeOfIssue(issue) === 'business-date-refused');
  return refused ? client.call(path, []) : reply;
}

/** Takes a finished visit from the chart to the Invoice. Done again, it finds what it did and changes nothing. */
export async function billVisit(client: Client, visit: LoadedVisit, on: string | undefined): Promise<Billed> {
  const businessDate: ParametersParameter[] =
    on === undefined ? [] : [{ name: 'businessDate', valueDate: on }];
  const generated = await client.call(`Encounter/${visit.id}/$generate-claim`, businessDate);
  const nothing = { visit, claims: [], answers: [], invoices: [] };
  if (generated.status !== 200) return { ...nothing, reason: firstReason(generated), notes: [] };
  const claims = resources<Claim>(generated, 'claim');
  const notes = issuesOf(generated)
    .filter(
      (issue) => leftOut.test(codeOfIssue(issue) ?? '') || issue.severity === 'warning' || isFault(issue),
    )
    .filter((issue) => !waits(issue)) // told with the bill that waits for it
    .map(reasonOf);
  if (claims.length === 0) return billPatient(client, visit, { businessDate, generated, notes });
  const answers: ClaimResponse[] = [];
  const invoices: Invoice[] = [];
  for (const claim of claims) {
    const submitted = await submit(client, claim, businessDate);
    if (submitted.status !== 200) {
      return { ...nothing, claims, answers, invoices, reason: firstReason(submitted), notes };
    }
    const answer = submitted.resource as ClaimResponse;
    answers.push(answer);
    if (answer.outcome !== 'complete') continue;
    const bill = await invoicesOf(client, claim, businessDate);
    invoices.push(...bill.invoices);
    notes.push(...bill.notes);
  }
  return { visit, claims, answers, invoices, notes };
}

async function invoicesOf(
  client: Client,
  claim: Claim,
  on: readonly ParametersParameter[],
): Promise<Pick<Billed, 'invoices' | 'notes'>> {
  const explanations = await client.find<ExplanationOfBenefit>('ExplanationOfBenefit', {
    claim: `Claim/${claim.id ?? ''}`,
  });
  const invoices: Invoice[] = [];
  const notes: Reason[] = [];
  for (const { id } of explanations) {
    const reply = await client.call(`ExplanationOfBenefit/${id ?? ''}/$generate-invoice`, on);
    if (reply.status !== 200) throw new Error(`$generate-invoice of ${id ?? ''}: ${firstReason(reply).text}`);
    invoices.push(...resources<Invoice>(reply, 'invoice'));
    notes.push(...issuesOf(reply).filter(waits).map(reasonOf));
  }
  return { invoices, notes };
}

interface SelfPay {
  readonly businessDate: readonly ParametersParameter[];
  readonly generated: Reply;
  readonly notes: readonly Reason[];
}

/** A visit without claim: what the patient owes for it, or the reason why it is not billed at all. */
async function billPatient(
  client: Client,
  visit: LoadedVisit,
  { businessDate, generated, notes }: SelfPay,
): Promise<Billed> {
  const nothing = { visit, claims: [], answers: [], invoices: [] };
  const selfPay = issuesOf(generated).some((issue) => codeOfIssue(issue) === 'self-pay');
  if (!selfPay) return { ...nothing, reason: firstReason(generated), notes };
  const invoiced = await client.call(`Encounter/${visit.id}/$generate-invoice`, businessDate);
  const invoices = resources<Invoice>(invoiced, 'invoice');
  if (invoices.length > 0) return { ...nothing, invoices, notes };
  return { ...nothing, reason: notes[0] ?? firstReason(invoiced), notes };
}

const resources = <T extends Resource>({ resource }: Reply, name: string): T[] =>
  resource?.resourceType === 'Parameters'
    ? (resource.parameter ?? []).flatMap((p) => (p.name === name && p.resource ? [p.resource as T] : []))
    : [];

/** The issues of an answer: of its outcome, or of the refusal itself. */
export function issuesOf({ resource }: Reply): Issue[] {
  if (resource?.resourceType === 'OperationOutcome') return resource.issue;
  const outcome = (resource as Parameters | undefined)?.parameter?.find(
    (p) => p.name === 'outcome',
  )?.resource;
  return (outcome as OperationOutcome | undefined)?.issue ?? [];
}

const reasonOf = (issue: Issue): Reason => ({
  code: codeOfIssue(issue) ?? issue.code,
  text: issue.details?.text ?? '',
});

const weight: readonly Issue['severity'][] = ['fatal', 'error', 'warning', 'information'];

/** The gravest issue of an answer. */
export function firstReason(reply: Reply): Reason {
  const [gravest] = issuesOf(reply).sort((a, b) => weight.indexOf(a.severity) - weight.indexOf(b.severity));
  return gravest
    ? reasonOf(gravest)
    : { code: `status-${reply.status}`, text: `the server answered ${reply.status}` };
}
