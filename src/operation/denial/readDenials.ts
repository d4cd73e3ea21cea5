import type { Claim, ClaimResponse, Coverage, Organization, Task } from '@medplum/fhirtypes';
import { deadlineOf, levelOf, appealRules, routeOf } from '../../billing/appeal/appealLevel.ts';
import { deniedBy, remarksOf } from '../../billing/denial/denied.ts';
import { guideFor, guideForReason, type GuideRow } from '../../billing/denial/denialGuide.ts';
import { expectedOf, scoreOf } from '../../billing/denial/rank.ts';
import type { Tally } from '../../billing/denial/odds.ts';
import { balance } from '../../billing/ledger/index.ts';
import { least, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { dateOf, daysBetween } from '../../datatypes/date.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { extension, system } from '../../terminology/system.ts';
import { DenialHistory } from './history.ts';
import { readGuide } from './readGuide.ts';

/** Which denials are asked for. */
export interface Asked {
  readonly today: string;
  readonly payer?: string | undefined; // Organization/1
  readonly carc?: string | undefined;
  readonly owner?: string | undefined; // Practitioner/1
  readonly step?: string | undefined;
  readonly olderThan?: number | undefined; // days since the denial
  readonly dueBy?: string | undefined;
  readonly isWithSnoozed: boolean;
}

/** A denial that is to be worked, with all that its place on the list follows from. */
export interface DenialRow {
  readonly task: Task & { id: string };
  readonly claim: Claim;
  readonly payer: string;
  readonly carc: string;
  readonly remarks: readonly string[];
  readonly recoverable: Cents;
  readonly odds: number; // basis points
  readonly seen: Tally;
  readonly expected: Cents;
  readonly score: number;
  readonly deadline: string | undefined;
  readonly age: number; // days since the denial
  readonly guide: GuideRow;
  readonly remarkGuides: readonly GuideRow[];
}

/** A date until which nobody is to see the denial. */
export const snoozedUntil = (task: Task): string | undefined =>
  extensionOf(task, extension.snoozedUntil)?.valueDate;

/** Who does the work: a person or a team; the practice alone is nobody. */
export const assigneeOf = ({ owner }: Task): string | undefined =>
  owner?.reference?.startsWith('Organization/') === true ? undefined : owner?.reference;

/** The open denials that are asked for, those that promise most first. What stands open is read from the ledger. */
export async function readDenials(reader: Reader, asked: Asked): Promise<DenialRow[]> {
  const guide = await readGuide(reader);
  const history = new DenialHistory(reader);
  const journals = new Map<string, Entry[]>();
  const levels = new Map<string, Promise<ReturnType<typeof levelOf>>>();
  const rows: DenialRow[] = [];
  const status = ['requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold'].join(',');
  const tasks = await find<Task>(reader, 'Task', { code: `${system.task}|denial`, status });
  for (const task of tasks) {
    const carc = codeOf(task.reasonCode, system.carc) ?? '';
    if (!isAsked(task, carc, asked)) continue;
    const found = await resolve<Claim>(reader, 'Claim', task.focus);
    if (!found || !isOpen(task) || task.id === undefined) continue;
    const claim = withoutVersions(found);
    const payer = claim.insurer?.reference ?? '';
    const response = await resolve<ClaimResponse>(reader, 'ClaimResponse', task.reasonReference);
    const row = guideForReason(guide, carc, payer);
    if ((asked.payer !== undefined && asked.payer !== payer) || (asked.step ?? row.step) !== row.step)
      continue;
    const account = extensionOf(claim, extension.account)?.valueReference?.reference ?? '';
    const journal = journals.get(account) ?? (await reader.journal(account));
    journals.set(account, journal);
    const recoverable = openOf(journal, { name: referenceText(found), carc, response });
    const remarks = response ? remarksOf(response) : [];
    const patterns = (task.identifier ?? []).flatMap((i) =>
      i.system === system.denialPattern ? (i.value ?? []) : [],
    );
    const { odds, seen } = await history.odds(row.odds, patterns);
    const level = levels.get(`${payer} ${coverageOf(claim)}`) ?? firstLevel(reader, claim);
    levels.set(`${payer} ${coverageOf(claim)}`, level);
    const first = await level;
    const dated = dateOf(response?.created ?? task.authoredOn ?? asked.today);
    const deadline = first && deadlineOf(first, { dated });
    const ranked = { recoverable, odds, deadline };
    rows.push({
      ...{
        task: changed(task, { id: task.id }),
        claim: found,
        payer,
        carc,
        remarks,
        recoverable,
        odds,
        seen,
        deadline,
      },
      expected: expectedOf(ranked),
      score: scoreOf(ranked, asked.today),
      age: daysBetween(dated, asked.today),
      guide: row,
      remarkGuides: remarks.flatMap((code) => guideFor(guide, { list: 'rarc', code, payer }) ?? []),
    });
  }
  const isOld = (row: DenialRow): boolean => asked.olderThan === undefined || row.age >= asked.olderThan;
  return rows.filter(isOld).sort((a, b) => b.score - a.score || (a.task.id < b.task.id ? -1 : 1));
}

function isAsked(task: Task, carc: string, asked: Asked): boolean {
  const { today, owner, dueBy, isWithSnoozed } = asked;
  const due = task.restriction?.period?.end;
  return (
    (asked.carc === undefined || asked.carc === carc) &&
    (owner === undefined || owner === assigneeOf(task)) &&
    (dueBy === undefined || (due !== undefined && due.slice(0, 10) <= dueBy)) &&
    (isWithSnoozed || (snoozedUntil(task) ?? '') <= today)
  );
}

const coverageOf = ({ insurance }: Claim): string => insurance.find((i) => i.focal)?.coverage.reference ?? '';

/** The first level of an appeal against the payer of a claim. */
export async function firstLevel(reader: Reader, claim: Claim): Promise<ReturnType<typeof levelOf>> {
  const coverage = await resolve<Coverage>(reader, 'Coverage', { reference: coverageOf(claim) });
  const payer = await resolve<Organization>(reader, 'Organization', claim.insurer);
  const route = coverage ? routeOf(coverage) : 'contract';
  return levelOf(appealRules(payer), { route, level: 1 });
}

/** What of a denial stands open: at most what was denied for the reason, and what the ledger has of the lines. */
export function openOf(
  journal: readonly Entry[],
  of: { readonly name: string; readonly carc: string; readonly response: ClaimResponse | undefined },
): Cents {
  const where = { account: 'receivable-insurance-denied', claim: of.name } as const;
  const denied = of.response && deniedBy(of.response).get(of.carc);
  if (!denied) return balance(journal, where);
  const items = [...new Set(denied.sequences)].filter((n) => n > 0);
  const open =
    items.length < denied.sequences.length || items.length === 0
      ? balance(journal, where)
      : sum(items.map((item) => balance(journal, { ...where, item })));
  return open < 0 ? zero : least(open, denied.amount);
}
