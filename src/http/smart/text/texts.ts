import type { Html } from '../page/html.ts';

/** Every text of the pages. A further language is a further file in text/, and an entry in page/text.ts. */
export interface Texts {
  readonly name: string; // of the language, in itself
  readonly signIn: string;
  readonly signInFor: (app: string) => string;
  readonly accountName: string;
  readonly password: string;
  readonly wrongSignIn: string;
  readonly waiting: string;
  readonly busy: string;
  readonly forgotten: string;
  readonly code: string;
  readonly codeTitle: string;
  readonly codeHint: string;
  readonly wrongCode: string;
  readonly goOn: string;
  readonly cancel: string;
  readonly choosePatient: string;
  readonly choosePatientFor: (app: string) => string;
  readonly findPatient: string;
  readonly find: string;
  readonly noPatient: string;
  readonly morePatients: string;
  readonly born: (date: string) => string;
  readonly chooseEncounter: string;
  readonly noEncounter: string;
  readonly consentTitle: (app: string) => string;
  readonly consentIntro: (app: string, user: string) => string;
  readonly consentPatient: (patient: string) => string;
  readonly asksFor: string;
  readonly allow: string;
  readonly refuse: string;
  readonly takeBack: string;
  readonly unverified: string;
  readonly returnsTo: (host: string) => string;
  readonly identity: string;
  readonly offline: string;
  readonly online: string;
  readonly context: string;
  readonly see: string;
  readonly change: string;
  readonly seeAndChange: string;
  readonly ofPatient: (what: string) => string;
  readonly ofUser: (what: string) => string;
  readonly onlySome: (what: string, criteria: string) => string;
  readonly everything: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly otherKind: (type: string) => string;
  readonly appsTitle: string;
  readonly noApps: string;
  readonly since: (date: string) => string;
  readonly revoke: (app: string) => string;
  readonly revoked: string;
  readonly openApps: string;
  readonly openApp: (app: string) => string;
  readonly signOut: string;
  readonly signOutEverywhere: string;
  readonly signedOut: string;
  readonly newPasswordTitle: string;
  readonly newPassword: string;
  readonly newPasswordAgain: string;
  readonly passwordRules: string;
  readonly notTheSame: string;
  readonly passwordSet: string;
  /** The page of one's own account. */
  readonly own: {
    readonly title: string;
    readonly link: string;
    readonly changePassword: string;
    readonly present: string;
    readonly wrongPresent: string;
    readonly change: string;
    readonly appsStay: string;
    readonly noPassword: string;
    readonly codes: string;
    readonly codesWhy: string;
    readonly areOn: string;
    readonly areOff: string;
    readonly turnOn: string;
    readonly turnOff: string;
    readonly setUp: string;
    readonly setUpHint: string;
    readonly picture: string; // what the QR code is, for who does not see it
    readonly key: string;
    readonly openAuthenticator: string;
    readonly prove: string;
    readonly setUpExpired: string;
    readonly lost: string;
    readonly done: Readonly<Record<'password' | 'codes-on' | 'codes-off', string>>;
  };
  readonly problemTitle: string;
  readonly problems: Readonly<Record<string, string>> & { readonly other: string };
  readonly signedInAs: (name: string) => string;
  /** The app that comes with the demo. */
  readonly demo: {
    readonly title: string;
    readonly none: string;
    readonly columns: Readonly<Record<'date' | 'kind' | 'charged' | 'paid' | 'owed', string>>;
  };
  /** The page at `/`. */
  readonly home: {
    readonly what: string;
    readonly ready: string;
    readonly notReady: string;
    readonly base: (url: Html) => Html;
    readonly server: string;
    readonly holds: string;
    readonly needsToken: (header: Html) => Html;
    /** A name, and what is behind the link. */
    readonly links: Readonly<Record<HomeLink, readonly [name: string, what: string]>>;
  };
}

export type HomeLink =
  'metadata' | 'readyz' | 'healthz' | 'Patient' | 'Claim' | 'Invoice' | 'OperationDefinition';
