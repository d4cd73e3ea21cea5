import type { Bundle, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { changed, parseJson } from '../../datatypes/json.ts';
import { parseReference, type Target } from '../../datatypes/reference.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { linkReferences } from '../../interaction/bundle/linkReferences.ts';
import type { Context } from '../../interaction/context.ts';
import { fhirError, notFound } from '../../outcome/fhirError.ts';
import { asServer } from '../../store/access/asServer.ts';
import type { Reader, Transaction } from '../../store/store.ts';

/**
 * What an operation that computes as the server owes a caller who does not see everything: they may only name what they
 * see, and are only answered with that. Transactions and readers here are as the caller sees them.
 */

/** Throws 404 for what the input names and the caller does not see, whether it is there or not. */
export async function requireSeen(context: Context, tx: Transaction, input: Parameters): Promise<void> {
  for (const { resource } of parametersIn(input.parameter ?? [])) {
    if (!resource) continue;
    await linkReferences(context, tx, resource); // conditional ones find what the caller sees
    for (const { resourceType: type, id } of [resource, ...resourcesOf(resource)])
      if (id !== undefined && !(await tx.read(type, id))) throw notFound(`${type}/${id}`);
  }
  for (const text of references(input)) {
    const target = localTarget(context, text);
    if (target && !(await isSeen(tx, target))) throw notFound(`${target.type}/${target.id}`);
  }
}

/** The answer without what the caller does not see; 403, and nothing is done, where that is all of it. */
export async function onlySeen(
  context: Context,
  reader: Reader,
  answer: Resource | Uint8Array,
): Promise<Resource> {
  const whole =
    answer instanceof Uint8Array ? (parseJson(new TextDecoder().decode(answer)) as Resource) : answer;
  switch (whole.resourceType) {
    case 'Parameters':
      return changed(whole, { parameter: await seenParameters(context, reader, whole.parameter ?? []) });
    case 'Bundle':
      return changed(whole, { entry: await seenEntries(reader, whole.entry ?? []) });
    default:
      if (await isForCaller(reader, whole)) return whole;
      throw fhirError(403, 'forbidden', 'outside-access', 'What you may see does not include the answer');
  }
}

/** 403 where the caller of an operation does not see all that it is about to change; `view` is what they see. */
export async function requireToSee(view: Reader | undefined, changing: readonly string[]): Promise<void> {
  for (const reference of view ? changing : []) {
    const target = parseReference(reference);
    if (!view || !target || !isResourceType(target.type)) continue;
    if (!(await isSeen(view, { type: target.type, id: target.id })))
      throw fhirError(
        403,
        'forbidden',
        'outside-access',
        'What you may see does not include all it is about',
      );
  }
}

const resourcesOf = (resource: Resource): readonly Resource[] =>
  resource.resourceType === 'Bundle' ? (resource.entry ?? []).flatMap((entry) => entry.resource ?? []) : [];

function* parametersIn(given: readonly ParametersParameter[]): Generator<ParametersParameter> {
  for (const one of given) {
    yield one;
    yield* parametersIn(one.part ?? []);
  }
}

async function seenParameters(
  context: Context,
  reader: Reader,
  given: readonly ParametersParameter[],
): Promise<ParametersParameter[]> {
  const seen: ParametersParameter[] = [];
  for (const one of given) {
    const target = localTarget(context, one.valueReference?.reference);
    if (target && !(await isSeen(reader, target))) continue;
    if (one.resource && !(await isForCaller(reader, one.resource))) continue;
    const part = one.part && (await seenParameters(context, reader, one.part));
    seen.push(part ? changed(one, { part }) : one);
  }
  return seen;
}

async function seenEntries(
  reader: Reader,
  entries: readonly NonNullable<Bundle['entry']>[number][],
): Promise<NonNullable<Bundle['entry']>> {
  const seen: NonNullable<Bundle['entry']> = [];
  for (const entry of entries)
    if (!entry.resource || (await isForCaller(reader, entry.resource))) seen.push(entry);
  return seen;
}

/** True of what the caller sees, and of what is not stored at all. */
async function isForCaller(reader: Reader, { resourceType: type, id }: Resource): Promise<boolean> {
  if (id === undefined || (await reader.read(type, id))) return true;
  return (await asServer(reader).read(type, id)) === undefined;
}

async function isSeen(reader: Reader, { type, id, version }: Target): Promise<boolean> {
  const stored =
    version === undefined ? await reader.read(type, id) : await reader.vread(type, id, Number(version));
  return stored !== undefined;
}

function localTarget({ publicUrl }: Context, text: string | undefined): Target | undefined {
  const target = parseReference(
    text?.startsWith(`${publicUrl}/`) === true ? text.slice(publicUrl.length + 1) : text,
  );
  return target && isResourceType(target.type) ? target : undefined;
}

/** Every literal reference in a value, wherever it stands. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'reference' in value && typeof value.reference === 'string' ? [value.reference] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}
