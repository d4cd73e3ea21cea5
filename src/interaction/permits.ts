import type { ResourceType } from '@medplum/fhirtypes';
import { FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';

/** What an operation asks of its caller. */
export interface OperationNeed {
  /** What a role has to allow; none: whoever may read, or update, where it is called. */
  readonly permission?: string | undefined;
  readonly type?: ResourceType | undefined; // where it is called; none: at the system
  readonly changes: boolean;
}

/** What a caller may ask at all, told before anything is read: by their roles, and by the scopes of their token. */
export interface Permits {
  /** An interaction (R4's code) on a type; without a type on the system. */
  readonly may: (type: ResourceType | undefined, interaction: string) => boolean;
  readonly mayOperate: (need: OperationNeed) => boolean;
  /** Whether a role allows what goes beyond single resources, as in `write-off`. */
  readonly has: (permission: string) => boolean;
  /** The most, in cents, that the caller may do alone of what a permission allows; none: no limit. */
  readonly limit: (permission: string) => number | undefined;
  /** The name of the account, whichever app acts for it. */
  readonly account: string;
  /** Who the caller is in FHIR, as `Practitioner/1`. */
  readonly user?: string;
}

/** A context, as far as it says what its caller may ask. */
interface Asking {
  readonly permits?: Permits;
}

/** 403 where neither roles nor scopes allow an interaction on the type, whatever is stored. */
export function requireMay({ permits }: Asking, type: ResourceType | undefined, interaction: string): void {
  if (!permits || permits.may(type, interaction)) return;
  throw insufficient(`${interaction} of ${type ?? 'the system'} is not among what you may do here`);
}

/** 403 where an operation is not allowed. */
export function requireOperation({ permits }: Asking, code: string, need: OperationNeed): void {
  if (!permits || permits.mayOperate(need)) return;
  const { permission } = need;
  const lack = permission === undefined ? '' : `: it needs the permission ${permission}`;
  throw insufficient(`$${code} is not among what you may do here${lack}`);
}

/** Whether the caller has a permission; who is not held to roles has every one. */
export const hasPermission = ({ permits }: Asking, permission: string): boolean =>
  permits === undefined || permits.has(permission);

/** See https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
const insufficient = (text: string): FhirError =>
  new FhirError(403, [{ severity: 'error', code: 'forbidden', details: details('not-permitted', text) }], {
    'www-authenticate': 'Bearer realm="claimwright", error="insufficient_scope"',
  });
