import { addOnEdit, holdsOn, type AddOnEdit } from '../../../terminology/table/ncci.ts';
import { serviceOn } from '../codes.ts';
import { servedOf, type Served } from '../earlier.ts';
import { feesOf } from '../fees.ts';
import { fault, type Fault, type ScrubRule } from '../rule.ts';
import type { ClaimView } from '../view.ts';

/**
 * An add-on service stands beside one that it is added to, of the same day and provider. Which services these are is in
 * the add-on table; without it the fee schedule (global days ZZZ), else the description of a HCPCS code says that it is
 * an add-on, and anything beside it passes.
 */
export const addOnPrimary: ScrubRule = {
  id: 'add-on-primary',
  source:
    'billing rule 32; NCCI add-on code edits of CMS, as loaded; else fee schedule ZZZ, HCPCS descriptions',
  carc: '107',
  cure: 'Bill the primary service on the same claim, by the same provider, or take the add-on out.',
  severity: 'error',
  check: (claim) => {
    if (claim.form !== 'professional') return [];
    const served = claim.tables ? claim.served : servedOf(claim, claim.lines);
    return served.flatMap((own) => (own.isOwn ? faultsOf(claim, served, own) : []));
  },
};

function faultsOf(claim: ClaimView, served: readonly Served[], own: Served): Fault[] {
  const { code, from, at: line } = own.line;
  if (code === undefined || from === undefined) return [];
  const others = served.filter(
    (s) => s.line !== own.line && s.line.from === from && s.by === own.by && s.line.code !== code,
  );
  const at = `${line}.productOrService`;
  if (claim.tables?.editionOn('add-on', from)) return byTable(editsOf(claim, code, from), others, at);
  const hasOther = others.some((s) => s.line.code !== undefined && !isAddOn(claim, s.line.code, from));
  return !isAddOn(claim, code, from) || hasOther ? [] : [fault(at, 'this add-on stands alone', 'warning')];
}

const editsOf = ({ tables }: ClaimView, code: string, from: string): AddOnEdit[] =>
  (tables?.rows({ table: 'add-on', on: from, key: code }) ?? [])
    .flatMap((row) => addOnEdit(row) ?? [])
    .filter((edit) => holdsOn(edit, from));

function byTable(edits: readonly AddOnEdit[], others: readonly Served[], at: string): Fault[] {
  const isListed = edits.some(({ primary }) => others.some((s) => s.line.code === primary));
  if (edits.length === 0 || isListed) return [];
  const isOpen = edits.some(({ type }) => type !== 1); // the payer has primaries of its own
  if (!isOpen) return [fault(at, 'this add-on stands without any of its primary services')];
  if (others.length === 0) return [fault(at, 'this add-on stands alone')];
  return edits.some(({ type }) => type === 3)
    ? [fault(at, 'none of the listed primary services of this add-on is there', 'warning')]
    : [];
}

/** Whether the fee schedule, else the description, says that a service is an add-on. */
const isAddOn = (claim: ClaimView, code: string, on: string): boolean => {
  const fees = feesOf(claim, code, on);
  return fees ? fees.globalDays === 'ZZZ' : serviceOn(claim, code, on).isAddOn;
};
