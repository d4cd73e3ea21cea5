import type { Resource } from '@medplum/fhirtypes';
import { isId } from '../../datatypes/id.ts';
import type { Target } from '../../datatypes/reference.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { badRequest, FhirError } from '../../outcome/fhirError.ts';
import type { Issue } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { faultsOf, writeResource } from '../repository.ts';

/** One resource of an import, read and judged: to be written, or refused with its reasons. */
export interface Judged {
  readonly no: number; // of its line, or of its parameter, from 1
  readonly resource?: Resource & { id: string };
  readonly isNew?: boolean; // it brought no id
  readonly faults: readonly Issue[];
}

/** The result for some resources of an import. */
export interface Imported {
  readonly imported: number; // stand in the store as they came
  readonly refused: readonly Judged[];
}

/** Judges what one line holds; `read` gives it, or throws why it cannot be read. */
export function judge(context: Context, no: number, read: () => unknown): Judged {
  try {
    const resource = resourceIn(read());
    const faults = faultsOf(context, resource);
    if (faults.length > 0) return { no, faults };
    const isNew = resource.id === undefined;
    return { no, resource: Object.assign(resource, { id: resource.id ?? context.newId() }), isNew, faults };
  } catch (error) {
    return { no, faults: reasonsOf(error) };
  }
}

/** Writes resources in their order; one with unresolvable references is left out entirely. */
export async function importSome(
  context: Context,
  tx: Transaction,
  some: readonly Judged[],
): Promise<Imported> {
  const refused: Judged[] = [];
  await tx.readAhead(some.flatMap(({ resource, isNew }) => (resource && !isNew ? [targetOf(resource)] : [])));
  for (const { no, resource, isNew, faults } of some) {
    if (!resource) {
      refused.push({ no, faults });
      continue;
    }
    try {
      const how = isNew ? ({ method: 'POST', fresh: true } as const) : ({ method: 'PUT' } as const);
      await writeResource(context, tx, resource, { by: 'client', isSound: true, ...how });
    } catch (error) {
      refused.push({ no, faults: reasonsOf(error) }); // said before anything of it is written
    }
  }
  return { imported: some.length - refused.length, refused };
}

const targetOf = ({ resourceType: type, id }: Resource & { id: string }): Target => ({ type, id });

function resourceIn(value: unknown): Resource {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('resourceType' in value))
    throw badRequest('not-a-resource', 'this is not a FHIR resource: it has no resourceType');
  const { resourceType: type } = value;
  if (typeof type !== 'string' || !isResourceType(type))
    throw badRequest('unknown-type', 'the resourceType is not one of FHIR R4');
  const resource = value as Resource;
  if (resource.id !== undefined && !isId(resource.id))
    throw badRequest('malformed-id', 'an id has 1 to 64 letters, digits, hyphens and dots', `${type}.id`);
  return resource;
}

/** The issues of a refusal; faults of the server and temporary ones are thrown on. */
function reasonsOf(error: unknown): readonly Issue[] {
  if (error instanceof FhirError && error.status < 500) return error.issue;
  throw error;
}
