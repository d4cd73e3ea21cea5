/** What a command on the machine of the server does with accounts, clients and keys; people switch codes too. */
export type CommandEvent =
  | 'account-added'
  | 'account-locked'
  | 'account-unlocked'
  | 'account-roles'
  | 'codes-on'
  | 'codes-off'
  | 'password-link'
  | 'client-added'
  | 'client-removed'
  | 'keys-rotated';

/** The kind of the records of the store in which commands tell the audit what they did. */
export const pendingEvents = 'audit-pending';

/** What the authorization server did, or a command with what it keeps, as it is recorded. */
export interface EventRecord {
  readonly k: 'event';
  readonly t: number; // when, epoch milliseconds
  readonly e:
    | 'sign-in'
    | 'sign-out'
    | 'account-waiting' // after wrong passwords
    | 'password-set'
    | 'consent'
    | 'token-issued'
    | 'token-taken-back'
    | 'request-refused' // by the authorization server
    | 'app-registered'
    | CommandEvent;
  readonly s: '0' | '4' | '8'; // AuditEvent.outcome: done, refused, failed
  readonly a?: string | undefined; // address
  readonly c?: string | undefined; // the app
  readonly u?: string | undefined; // the account
  readonly f?: string | undefined; // who that is in FHIR
  readonly d?: string | undefined; // scopes; of a command roles; of what was refused the error
  readonly w?: string | undefined; // of a command: the account, client or key that it was about
}
