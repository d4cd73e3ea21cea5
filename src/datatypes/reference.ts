import type { Reference, Resource, ResourceType } from '@medplum/fhirtypes';

/** What a literal relative reference names. */
export interface Target {
  readonly type: ResourceType;
  readonly id: string;
  readonly version?: string;
}

const literal = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/** Reads 'Patient/1' or 'Patient/1/_history/2'; undefined for anything else (absolute, urn, contained). */
export function parseReference(text: string | undefined): Target | undefined {
  const match = text === undefined ? null : literal.exec(text);
  if (!match) return undefined;
  const [, type = '', id = '', version] = match;
  return { type: type as ResourceType, id, ...(version === undefined ? {} : { version }) };
}

/** 'Patient/1' of a stored resource. */
export const referenceText = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`;

/** 'ChargeItem/1/_history/2' of a stored resource version: what a journal entry names as its cause. */
export const versionText = (resource: Resource): string =>
  `${referenceText(resource)}/_history/${resource.meta?.versionId ?? '1'}`;

/** A Reference to a stored resource. */
export const referenceTo = <T extends Resource>(resource: T): Reference<T> => ({
  reference: referenceText(resource),
});

/** The id in a reference, when it is to the type. */
export function idOf(reference: Reference | undefined, type: ResourceType): string | undefined {
  const target = parseReference(reference?.reference);
  return target?.type === type ? target.id : undefined;
}

/** True when both name the same resource, whatever version. */
export function same(a: Reference | undefined, b: Reference | undefined): boolean {
  const [x, y] = [parseReference(a?.reference), parseReference(b?.reference)];
  return x !== undefined && y !== undefined && x.type === y.type && x.id === y.id;
}
