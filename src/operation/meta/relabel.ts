import type { Meta, Parameters } from '@medplum/fhirtypes';
import { keepPrecision } from '../../datatypes/json.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { readResource, writeResource } from '../../interaction/repository.ts';
import { notFound } from '../../outcome/fhirError.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';
import { returned, type Labels } from './labels.ts';

/** Writes the next version of a resource with other labels; none where they stay the same. */
export async function relabel(
  { context, tx, target, input }: Call,
  change: (labels: Labels, given: Labels) => Labels,
): Promise<Parameters> {
  const { type = '', id = '' } = target;
  if (!isResourceType(type)) throw notFound(`${type}/${id}`);
  const resource = await readResource(tx, type, id);
  const given = parameter(input, 'meta')?.valueMeta ?? {};
  const { profile, tag, security, ...other } = resource.meta ?? {};
  const before: Labels = {
    ...(profile ? { profile } : {}),
    ...(security ? { security } : {}),
    ...(tag ? { tag } : {}),
  };
  const meta: Meta = keepPrecision(resource.meta ?? {}, { ...other, ...change(before, given) });
  const labelled = Object.assign(resource, { id, meta });
  await writeResource(context, tx, labelled, { by: 'labelling', method: 'PUT', isLinked: true });
  return returned(labelled.meta);
}
