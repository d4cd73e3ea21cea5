/** What the authorization server did, as it is recorded. */
export interface EventRecord {
  readonly k: 'event';
  readonly t: number; // when, epoch milliseconds
  readonly e:
    | 'sign-in'
    | 'sign-out'
    | 'account-waiting' // after wrong passwords
    | 'password-set'
    | 'codes-on' // one-time codes
    | 'codes-off'
    | 'consent'
    | 'token-issued'
    | 'token-taken-back'
    | 'app-registered';
  readonly s: '0' | '4' | '8'; // AuditEvent.outcome: done, refused, failed
  readonly a?: string | undefined; // address
  readonly c?: string | undefined; // the app
  readonly u?: string | undefined; // the account
  readonly f?: string | undefined; // who that is in FHIR
  readonly d?: string | undefined; // scopes
}
