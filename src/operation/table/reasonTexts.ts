import type { CodeableConcept, Resource } from '@medplum/fhirtypes';
import { copyOf } from '../../datatypes/json.ts';
import type { Reader, RecordKey } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { reasonText } from '../../terminology/table/reasonText.ts';
import type { RowValue } from '../../terminology/table/layout.ts';
import { editionsOn } from '../../billing/scrub/tables.ts';
import type { Call } from '../operation.ts';
import { loadedTables, rowsKind } from './loadedTables.ts';

/** The texts of some reason and remark codes on a day, as the practice has loaded them. */
export async function reasonTextsOn(
  reader: Reader,
  owner: Reader,
  { codes, on }: { readonly codes: Iterable<string>; readonly on: string },
): Promise<ReadonlyMap<string, string>> {
  const loaded = editionsOn(await loadedTables(reader, owner), 'reason-text', on);
  const keys = [...new Set(codes)].flatMap((key) =>
    loaded.map(({ id }): RecordKey => ({ kind: rowsKind(id), key })),
  );
  const found = loaded.length === 0 || keys.length === 0 ? [] : await reader.gathered(keys);
  return new Map(
    found.flatMap(({ key, value }) => {
      const texts = (JSON.parse(value) as readonly RowValue[]).flatMap((row) => reasonText(row) ?? []);
      // a text that has ended is still what the code meant
      const inForce = texts.find((one) => one.before === undefined || on < one.before) ?? texts[0];
      return inForce ? [[key, inForce.text] as const] : [];
    }),
  );
}

/** A resource whose reason codes have the texts that the practice has loaded; nothing is read where it has none. */
export async function withReasonTexts<T extends Resource>(
  { context, tx, on }: Call,
  resource: T,
): Promise<T> {
  const loaded = await loadedTables(tx, context.store);
  if (!loaded.some(({ table }) => table === 'reason-text')) return resource;
  const codes = new Set<string>();
  visitCodings(resource, (coding) => codes.add(coding.code));
  const texts = await reasonTextsOn(tx, context.store, { codes, on });
  if (texts.size === 0) return resource;
  const named = copyOf(resource);
  visitCodings(named, (coding) => {
    const text = texts.get(coding.code);
    if (text !== undefined) coding.display ??= text;
  });
  return named;
}

type NamedCoding = NonNullable<CodeableConcept['coding']>[number] & { code: string };

/** Visits every coding of a reason (CARC) within a value. */
function visitCodings(value: unknown, visit: (coding: NamedCoding) => void): void {
  if (Array.isArray(value)) for (const one of value) visitCodings(one, visit);
  else if (typeof value === 'object' && value !== null) {
    if (isReasonCoding(value)) visit(value);
    else for (const one of Object.values(value)) visitCodings(one, visit);
  }
}

const isReasonCoding = (value: object): value is NamedCoding =>
  'system' in value && value.system === system.carc && 'code' in value && typeof value.code === 'string';
