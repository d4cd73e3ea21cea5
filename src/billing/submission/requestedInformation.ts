import type { ClaimStatus, Status, StatusCode } from './status277.ts';

/** What a payer asks for before it judges a claim (277 X213), in words for the people who have to find it. */
export interface RequestedInformation {
  readonly codes: string; // R4:18842-5 …
  readonly text: string; // codes and line numbers only
  readonly messages: readonly string[]; // what the payer wrote itself
  readonly dueOn?: string;
  readonly position: number; // of the first STC
}

/** Reads a request out of a claim of an X213; undefined where it asks for nothing. */
export function requestedInformation({
  statuses,
  lines,
  dueOn,
}: ClaimStatus): RequestedInformation | undefined {
  const all = [...statuses, ...lines.flatMap((line) => line.statuses)];
  const [first] = all;
  if (!first) return undefined;
  const parts = [
    ...wanted(statuses),
    ...lines.flatMap(({ number, statuses: own }) =>
      wanted(own).map((what) => (number === '' ? what : `${what} for line ${number}`)),
    ),
  ];
  const until = dueOn === undefined ? '' : `; it is due on ${dueOn}`;
  return {
    codes: all.flatMap(({ codes }) => codes.map(codeOf)).join(', '),
    text: `The payer asks for information: ${[...new Set(parts)].join(', ')}${until}`,
    messages: all.flatMap(({ message }) => (message === '' ? [] : [message])),
    ...(dueOn === undefined ? {} : { dueOn }),
    position: first.position,
  };
}

const wanted = (statuses: readonly Status[]): string[] =>
  statuses.flatMap(({ codes }) => codes.map((code) => `${listOf(code)} ${code.code} (${code.category})`));

const listOf = ({ list }: StatusCode): string => (list === 'LOI' ? 'LOINC' : 'claim status');

const codeOf = ({ category, code, entity }: StatusCode): string =>
  [category, code, entity].join(':').replace(/:+$/, '');
