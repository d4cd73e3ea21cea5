import type { Coding, Meta, Parameters } from '@medplum/fhirtypes';

/** What labels a resource: profiles, tags, security labels. They are sets. */
export type Labels = Pick<Meta, 'profile' | 'tag' | 'security'>;

const isSame = (one: Coding, other: Coding): boolean =>
  one.system === other.system && one.code === other.code;

/** Both sets; where a label is in both, the first is kept. Version and display do not tell labels apart. */
export function joined(one: Labels, other: Labels): Labels {
  const codings = (a: readonly Coding[] = [], b: readonly Coding[] = []): Coding[] =>
    b.reduce<Coding[]>(
      (all, coding) => (all.some((c) => isSame(c, coding)) ? all : [...all, coding]),
      [...a],
    );
  return compact({
    profile: [...new Set([...(one.profile ?? []), ...(other.profile ?? [])])],
    security: codings(one.security, other.security),
    tag: codings(one.tag, other.tag),
  });
}

/** The labels of the first that are not in the other. */
export function without(one: Labels, other: Labels): Labels {
  const codings = (a: readonly Coding[] = [], b: readonly Coding[] = []): Coding[] =>
    a.filter((coding) => !b.some((c) => isSame(c, coding)));
  return compact({
    profile: (one.profile ?? []).filter((profile) => !other.profile?.includes(profile)),
    security: codings(one.security, other.security),
    tag: codings(one.tag, other.tag),
  });
}

const compact = (labels: Required<Labels>): Labels => ({
  ...(labels.profile.length > 0 ? { profile: labels.profile } : {}),
  ...(labels.security.length > 0 ? { security: labels.security } : {}),
  ...(labels.tag.length > 0 ? { tag: labels.tag } : {}),
});

/** The one answer of all meta operations. */
export const returned = (meta: Meta): Parameters => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'return', valueMeta: meta }],
});
