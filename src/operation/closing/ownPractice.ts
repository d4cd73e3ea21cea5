import { fhirError } from '../../outcome/fhirError.ts';
import type { Confinement, Rule } from '../../store/access/access.ts';
import type { OperationContext } from '../operation.ts';

/**
 * 403 where the books of a practice (the id of an Organization) are not the caller's: Organizations are seen by many, the
 * money of one by its own people and by who sees every Account. A token for one patient opens no books.
 */
export function requireOwnPractice({ access }: OperationContext, practice: string): void {
  if (seesBooks(access, practice)) return;
  throw fhirError(
    403,
    'forbidden',
    'outside-access',
    'The books of this practice are not among what you see',
  );
}

/** Whether all Accounts of a practice are seen under an access. */
export function seesBooks(access: Confinement | undefined, practice: string): boolean {
  if (!access) return true;
  const rule = access.types.get('Account')?.see;
  return rule !== undefined && opens(rule, access.practices.includes(practice));
}

function opens(rule: Rule, isOwn: boolean): boolean {
  if (rule === 'open') return true;
  if (rule === 'practice') return isOwn;
  if (typeof rule === 'string') return false;
  if ('any' in rule) return rule.any.some((one) => opens(one, isOwn));
  if ('all' in rule) return rule.all.every((one) => opens(one, isOwn));
  return false;
}
