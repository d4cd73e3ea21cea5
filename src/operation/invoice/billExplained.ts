import type { Invoice } from '@medplum/fhirtypes';
import { explanationsOf } from '../../billing/invoice/successor.ts';
import { askedOf, type OwedLine } from '../../billing/invoice/owed.ts';
import { balance, costShareMoved, patientStanding } from '../../billing/ledger/index.ts';
import { least, most, subtract, sum, toText, zero, type Cents } from '../../datatypes/cents.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, decided, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { holderOf, invoiceKey } from '../uniqueKey.ts';
import { billPatient } from './billPatient.ts';
import { explainedClaim, type Explained } from './explainedClaim.ts';
import { lookForCoverage } from './lookForCoverage.ts';
import { tellHeld, tellNotAsked } from './notAsked.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';

export interface Billed {
  readonly invoice?: Invoice & { id: string };
  readonly issues: readonly Issue[];
}

/**
 * The Invoice for the explained claims of one Account: the one there is while nothing changed, else a new one that
 * takes the place of those before it.
 */
export async function billExplained(
  call: Call,
  of: PatientAccount,
  claims: readonly Explained[],
): Promise<Billed> {
  const all = [...claims];
  const predecessors = new Map<string, Invoice & { id: string }>();
  for (const explained of all) {
    for (const invoice of await invoiceFor(call, explained)) {
      predecessors.set(referenceText(invoice), invoice);
      for (const more of await others(call, of, { invoice, known: all })) all.push(more); // grows while it is walked
    }
  }
  const holds = await tellHeld(call, of);
  if (holds.length > 0) return { issues: [...all.flatMap((e) => e.issues), ...holds] };
  const owing = all
    .filter((e) => e.lines.length > 0)
    .map((e) => ({ ...e, lines: e.lines.map((line) => withoutInvoiced(of, line)) }));
  const issues = all.flatMap((e) => e.issues);
  const nothing = all.flatMap((e) =>
    e.pending === undefined && e.lines.length === 0 ? [whyNothing(of, e)] : [],
  );
  if (!owing.some((e) => e.lines.some((line) => isToBill(of, line)))) {
    const [invoice] = predecessors.values();
    for (const e of owing) assertPosted(of, e);
    const known = invoice && decided('already-there', 'Invoice', `${referenceText(invoice)} asks for it`);
    const paid = decided('nothing-owed', undefined, 'what the patient owes was paid before');
    const asked = owing.some((e) => e.lines.some((line) => askedOf(line) > 0));
    const verdict = owing.length === 0 ? [] : known ? [known] : asked ? [paid] : [];
    const notAsked = await tellNotAsked(call, of, owing);
    return { ...(invoice ? { invoice } : {}), issues: [...issues, ...nothing, ...verdict, ...notAsked] };
  }
  const lines = owing.flatMap((e) => e.lines);
  const [first] = owing.flatMap((e) => e.explanation ?? []);
  const result = await billPatient(call, {
    of,
    lines,
    predecessors: [...predecessors.values()],
    keys: owing.flatMap((e) => (e.explanation ? [invoiceKey(referenceText(e.explanation))] : [])),
    cause: first ? versionText(first) : of.name,
  });
  const searched = owing.filter((e) => e.lines.every((l) => l.searchHeld === 0));
  const tasks = [...(await lookForCoverage(call, of, searched)), ...(await tellNotAsked(call, of, owing))];
  return { ...result, issues: [...issues, ...nothing, ...result.issues, ...tasks] };
}

const standingOf = ({ journal }: PatientAccount, { claim, item }: OwedLine) =>
  patientStanding(journal, { claim }).find((s) => s.claim === claim && s.item === item);

/** What was invoiced before the search for other coverage began stays asked for. */
function withoutInvoiced(of: PatientAccount, line: OwedLine): OwedLine {
  if (line.searchHeld === 0 && line.ruleHeld === 0) return line;
  const notInvoiced = standingOf(of, line)?.notInvoiced ?? zero;
  const left = (held: Cents): Cents => most(least(held, notInvoiced), zero);
  return { ...line, searchHeld: left(line.searchHeld), ruleHeld: left(line.ruleHeld) };
}

/** True when something of a line is to be asked for, or is asked for and must not be. */
function isToBill(of: PatientAccount, line: OwedLine): boolean {
  const standing = standingOf(of, line);
  if (!standing) return false;
  const toMove = subtract(line.costShare, costShareMoved(of.journal, line));
  const due = subtract(
    standing.notInvoiced,
    sum([line.medicaidHeld, line.searchHeld, line.ruleHeld, toMove]),
  );
  const asked = sum([standing.invoiced, standing.applied]);
  const movable = least(toMove, sum([standing.notInvoiced, standing.invoiced, standing.applied]));
  return due > 0 || movable > 0 || (line.medicaidHeld > 0 && asked > askedOf(line));
}

async function invoiceFor({ tx }: Call, { explanation }: Explained): Promise<(Invoice & { id: string })[]> {
  if (!explanation) return [];
  const invoice = await holderOf(tx, invoiceKey(referenceText(explanation)));
  return invoice ? [invoice] : [];
}

/** The other claims that an Invoice is for: its successor must ask for them too. */
async function others(
  call: Call,
  of: PatientAccount,
  { invoice, known }: { invoice: Invoice; known: readonly Explained[] },
): Promise<Explained[]> {
  const names = new Set(known.flatMap((e) => (e.explanation ? [referenceText(e.explanation)] : [])));
  if (explanationsOf(invoice).every((name) => names.has(name))) return [];
  const claims = new Set(
    patientStanding(of.journal, { invoice: referenceText(invoice) }).flatMap((s) => s.claim ?? []),
  );
  const more: Explained[] = [];
  for (const claim of claims) {
    if (!known.some((e) => e.claim === claim)) more.push(await explainedClaim(call, of.journal, { claim }));
  }
  return more;
}

/** Why a claim leaves the patient nothing to pay. */
function whyNothing(of: PatientAccount, { claim }: Explained): Issue {
  const denied = balance(of.journal, { account: 'receivable-insurance-denied', claim });
  const text =
    denied > 0
      ? `${toText(denied)} of ${claim} is denied and not the patient's to pay: correct or appeal it`
      : `the payers of ${claim} left nothing to the patient`;
  return decided('nothing-owed', 'ExplanationOfBenefit', text);
}

/** What an answer leaves to the patient must stand in the ledger before it can be asked for. */
function assertPosted(of: PatientAccount, { claim, lines }: Explained): void {
  const posted = sum([
    ...patientStanding(of.journal, { claim }).map((s) => s.share),
    ...lines.map((l) => costShareMoved(of.journal, l)),
  ]);
  const share = sum(lines.map((l) => l.share));
  if (posted === share) return;
  const text = `the ledger has ${toText(posted)} for ${claim}, its answer says ${toText(share)}`;
  throw unprocessable([businessFault('share-not-posted', 'ExplanationOfBenefit.claim', text)]);
}
