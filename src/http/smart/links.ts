import type { Records } from '../../store/record.ts';
import { hashed, newSecret, sealed, unsealed } from './sealed.ts';

/** A link that works once. `demo`: signs in, in `off` on a loopback address only; `password`: lets one be chosen. */
export interface Link {
  readonly purpose: 'demo' | 'password';
  readonly account: string;
  /** The app that a link of the demo opens, and for whom. */
  readonly client?: string;
  readonly launchUri?: string;
  readonly patient?: string;
}

const kind = 'one-time-link';
/** How long a link may wait for its use, in milliseconds. */
const lasts = { demo: 12 * 3_600_000, password: 24 * 3_600_000 } as const;

/** Makes a link; answers what its URL ends with. */
export async function makeLink(records: Records, now: () => string, link: Link): Promise<string> {
  const value = newSecret();
  await records.keep({
    kind,
    key: hashed(value),
    value: JSON.stringify(sealed(JSON.stringify(link), value)),
    expires: Date.parse(now()) + lasts[link.purpose],
  });
  return value;
}

export async function linkOf(records: Records, value: string): Promise<Link | undefined> {
  const found = await records.find(kind, hashed(value));
  return found && (JSON.parse(unsealed(JSON.parse(found.value) as string, value)) as Link);
}

/** Uses a link up; of many who use it at once one is answered with true. */
export const useLink = (records: Records, value: string): Promise<boolean> =>
  records.remove(kind, hashed(value));
