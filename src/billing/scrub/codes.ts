import { covers, type Edition } from '../../terminology/edition.ts';
import { hcpcsEdition, isAddOn, isHcpcs, isUnlisted } from '../../terminology/hcpcs.ts';
import { icd10cm, icd10cmEdition } from '../../terminology/icd10cm.ts';
import { isModifier } from '../../terminology/modifier.ts';
import { diagnosisRow, serviceRow } from '../../terminology/table/codeLists.ts';
import type { LoadedEdition, ScrubTables } from '../../terminology/table/lookUp.ts';
import type { TableName } from '../../terminology/table/tables.ts';

/** Codes are looked up in the newest edition that had begun on the day, shipped or loaded by the practice. */

interface Looking {
  readonly tables?: ScrubTables;
}

/** The edition that a code is looked up in. */
export interface LookedUpIn {
  readonly name: string;
  readonly isInForce: boolean; // on the day
}

/** The loaded edition for a day, where it is newer than what is shipped for it. */
function newerThan(
  { tables }: Looking,
  { table, on }: { readonly table: TableName; readonly on: string },
  shipped: Edition,
): LoadedEdition | undefined {
  const loaded = tables?.editionOn(table, on);
  return loaded !== undefined && (loaded.from >= shipped.from || shipped.from > on) ? loaded : undefined;
}

const inForce = ({ through }: LoadedEdition, on: string): boolean => through === undefined || on <= through;

export interface DiagnosisFound {
  readonly edition: LookedUpIn;
  readonly isLoaded: boolean;
  /** What the edition says of the code; undefined where it does not have it. */
  readonly code: { readonly billable: boolean; readonly poaExempt: boolean } | undefined;
}

/** A diagnosis in the edition for a day. */
export function diagnosisOn(view: Looking, code: string, on: string): DiagnosisFound {
  const shipped = icd10cmEdition(on);
  const found = icd10cm(code, on);
  const key = code.replace('.', '');
  const exempt = exemptOn(view, key, on) ?? found?.poaExempt ?? false;
  const loaded = newerThan(view, { table: 'icd10cm', on }, shipped);
  if (!loaded) {
    const own = found && { billable: found.billable, poaExempt: exempt };
    return { edition: { name: shipped.name, isInForce: covers(shipped, on) }, isLoaded: false, code: own };
  }
  const row = (view.tables?.rows({ table: 'icd10cm', on, key }) ?? []).map(diagnosisRow)[0];
  return {
    edition: { name: loaded.edition, isInForce: inForce(loaded, on) },
    isLoaded: true,
    code: row && { billable: row.billable, poaExempt: row.poaExempt ?? exempt },
  };
}

/** Whether the loaded list of exempt codes has it; undefined where none is loaded for the day. */
function exemptOn({ tables }: Looking, key: string, on: string): boolean | undefined {
  if (!tables?.editionOn('poa-exempt', on)) return undefined;
  return tables.rows({ table: 'poa-exempt', on, key }).length > 0;
}

export interface ServiceFound {
  readonly edition: LookedUpIn;
  readonly isKnown: boolean;
  readonly isUnlisted: boolean;
  readonly isAddOn: boolean; // stands beside another service only
}

/** A service of HCPCS Level II in the edition for a day. */
export function serviceOn(view: Looking, code: string, on: string): ServiceFound {
  const shipped = hcpcsEdition(on);
  const loaded = newerThan(view, { table: 'hcpcs', on }, shipped);
  if (!loaded)
    return {
      edition: { name: shipped.name, isInForce: covers(shipped, on) },
      isKnown: isHcpcs(code, on),
      isUnlisted: isUnlisted(code, on),
      isAddOn: isAddOn(code, on),
    };
  const row = rowOn(view, code, on);
  return {
    edition: { name: loaded.edition, isInForce: inForce(loaded, on) },
    isKnown: row !== undefined,
    isUnlisted: row?.isUnlisted ?? false,
    isAddOn: row?.isAddOn ?? false,
  };
}

/** The row of a code or modifier that is valid on the day. */
const rowOn = ({ tables }: Looking, key: string, on: string) =>
  (tables?.rows({ table: 'hcpcs', on, key }) ?? [])
    .map(serviceRow)
    .find(
      ({ from, through }) => (from === undefined || from <= on) && (through === undefined || on <= through),
    );

/** A modifier in the edition for a day; one of CPT, or of an ambulance, is known by its form. */
export const modifierOn = (
  view: Looking,
  {
    modifier,
    code,
    on,
  }: { readonly modifier: string; readonly code: string | undefined; readonly on: string },
): ServiceFound => {
  const { edition } = serviceOn(view, '', on);
  return {
    edition,
    isKnown: isModifier(modifier, code) || rowOn(view, modifier, on) !== undefined,
    isUnlisted: false,
    isAddOn: false,
  };
};
