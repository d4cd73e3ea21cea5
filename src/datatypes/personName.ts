import type { HumanName } from '@medplum/fhirtypes';

/** A name in the parts that forms and interchanges have places for; '' where there is none. */
export interface NameParts {
  readonly family: string;
  readonly first: string;
  readonly middle: string;
  readonly suffix: string;
}

/** The official name, else the first. */
export function namePartsOf(names: readonly HumanName[] | undefined): NameParts {
  const name = names?.find((n) => n.use === 'official') ?? names?.[0];
  const [first = '', middle = ''] = name?.given ?? [];
  return { family: name?.family ?? '', first, middle, suffix: name?.suffix?.[0] ?? '' };
}

/** The name of such parts; none where they say nothing. */
export function humanNames({ family, first, middle, suffix }: NameParts): HumanName[] {
  const given = [first, middle].filter((part) => part !== '');
  if (family === '' && given.length === 0) return [];
  return [
    {
      ...(family === '' ? {} : { family }),
      ...(given.length === 0 ? {} : { given }),
      ...(suffix === '' ? {} : { suffix: [suffix] }),
    },
  ];
}
