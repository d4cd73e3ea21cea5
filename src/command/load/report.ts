import { sum, toText } from '../../datatypes/cents.ts';
import { columns } from './columns.ts';
import { warnedRules, type Billing } from './billAll.ts';
import type { LedgerTotals } from './ledgerTotals.ts';
import type { Loaded } from './loadParts.ts';
import { addSplit, deniedUntimely, noMoney, splitOf, type Split } from './money.ts';
import type { Billed, Reason } from './road.ts';
import { isWellFormed } from './wellFormed.ts';

/** A visit is billed by a claim that a payer got, or by an Invoice where nobody pays but the patient. */
const isBilled = ({ reason }: Billed): boolean => reason === undefined;
const bySelfPay = ({ claims }: Billed): boolean => claims.length === 0;

/** A bill for a minor waits for a person to say which adult answers for it: there is a Task, and nothing to bill yet. */
const waitsForAdult = ({ reason }: Billed): boolean => reason?.code === 'guarantor-missing';

/**
 * Everything went well: nothing refused, every visit of a well-formed type billed or waiting for a person, the ledger
 * says the same.
 */
export const isComplete = (loaded: Loaded, { billed }: Billing, ledger: LedgerTotals): boolean =>
  loaded.faults.length === 0 &&
  billed.every((visit) => isBilled(visit) || waitsForAdult(visit) || !isWellFormed(visit.visit.type)) &&
  sameMoney(totalOf(billed), ledger);

const totalOf = (billed: readonly Billed[]): Split =>
  billed.filter(isBilled).map(splitOf).reduce(addSplit, noMoney);

const sameMoney = (a: Split, b: Split): boolean =>
  (Object.keys(noMoney) as (keyof Split)[]).every((key) => a[key] === b[key]);

/** What was brought in. */
export function loadReport({ files, resources, patients, streamed, faults }: Loaded): string {
  const visits = patients.reduce((count, { visits: own }) => count + own.length, streamed.visits);
  return [
    `Loaded ${files} ${files === 1 ? 'file' : 'files'} with ${resources} entries: ${patients.length + streamed.patients} patients, ${visits} visits.`,
    ...(faults.length > 0
      ? [`Refused: ${faults.length}`, ...faults.slice(0, 20).map((fault) => `  ${fault}`)]
      : []),
  ].join('\n');
}

/** What was billed, to whom, what was not and why, and whether the ledger agrees. */
export function billReport({ payers, organizations, billed }: Billing, ledger: LedgerTotals): string {
  const good = billed.filter(isBilled);
  const rest = billed.filter((b) => !isBilled(b));
  const misshapen = rest.filter(({ visit }) => !isWellFormed(visit.type)).length;
  return [
    ...(payers.length > 0
      ? [
          `Payers of which only the name is known got an Organization and a generic plan: ${payers.join(', ')}.`,
        ]
      : []),
    `Scrub rule ${warnedRules.join(', ')} is a warning for the ${organizations} organisations that bill these visits.`,
    '',
    `${billed.length} finished visits: ${good.length} billed ` +
      `(${good.filter((b) => !bySelfPay(b)).length} by claim, ${good.filter(bySelfPay).length} to the patient), ` +
      `${rest.length} not billed (${misshapen} of them have a type whose code cannot be one of its system).`,
    '',
    moneyTable(good),
    '',
    deniedLine(good),
    ledgerLine(totalOf(billed), ledger),
    ...listed(
      'Not billed',
      rest.flatMap(({ reason, visit }) => (reason ? [{ ...reason, visit: visit.id }] : [])),
    ),
    ...listed(
      'Left out of billed visits',
      good.flatMap(({ notes, visit }) => notes.map((n) => ({ ...n, visit: visit.id }))),
    ),
  ].join('\n');
}

const payerOf = (b: Billed): string =>
  bySelfPay(b) ? 'the patient alone' : (b.visit.payer ?? 'other coverage');

function moneyTable(billed: readonly Billed[]): string {
  const payers = [...new Set(billed.map(payerOf))].sort();
  const line = (name: string, of: readonly Billed[]): string[] => {
    const { charges, insurerPaid, adjusted, patient, open } = of.map(splitOf).reduce(addSplit, noMoney);
    return [name, String(of.length), ...[charges, insurerPaid, adjusted, patient, open].map(toText)];
  };
  return columns([
    ['Payer', 'Visits', 'Charges', 'Insurer paid', 'Adjusted', 'Patient', 'Open'],
    ...payers.map((payer) =>
      line(
        payer,
        billed.filter((b) => payerOf(b) === payer),
      ),
    ),
    line('Total', billed),
  ]);
}

function deniedLine(billed: readonly Billed[]): string {
  const denied = sum(billed.map(deniedUntimely));
  const { charges } = billed.map(splitOf).reduce(addSplit, noMoney);
  const share = charges === 0 ? 0 : Math.round((1000 * denied) / charges) / 10;
  return `Denied with CARC 26, 27 or 29: ${toText(denied)} of ${toText(charges)} (${share} %).`;
}

function ledgerLine(told: Split, ledger: LedgerTotals): string {
  const { charges, insurerPaid, adjusted, patient, open, unbilled } = ledger;
  const parts = [insurerPaid, adjusted, patient, open].map(toText).join(' + ');
  const sound = sum([insurerPaid, adjusted, patient, open]) === charges && sameMoney(told, ledger);
  const equation = `charges ${toText(charges)} = ${parts} (insurer paid + adjusted + patient + open)`;
  const rest = `Captured, but on no bill: ${toText(unbilled)}.`;
  return `Ledger: ${equation}${sound ? ', as in the table.' : ' – DIFFERS from the table.'} ${rest}`;
}

/** A reference in a text, with the space or colon after it: reasons that differ in nothing else are one. */
const reference = /\b([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{20,64}/g;

/** The same reason once, with how often it came and the first visits it came for. */
function listed(title: string, reasons: readonly (Reason & { readonly visit: string })[]): string[] {
  if (reasons.length === 0) return [];
  const groups = Map.groupBy(reasons, ({ code, text }) => `${code}: ${text.replace(reference, '$1')}`);
  const rows = [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([text, of]) => {
      const visits = [...new Set(of.map(({ visit }) => `Encounter/${visit}`))];
      return `  ${of.length} × ${text} (${visits.slice(0, 2).join(', ')}${visits.length > 2 ? ', …' : ''})`;
    });
  return ['', `${title}:`, ...rows];
}
