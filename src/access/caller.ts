/** A patient whose record is the caller's to see: their own, or that of somebody they act for. */
export interface OwnPatient {
  readonly id: string;
  /** Of a proxy: the sensitive labels that a Consent lets them see. A patient sees all of their own record. */
  readonly proxy?: { readonly allowed: readonly string[] };
}

/** Who asks, as rules of roles mean them. */
export interface Caller {
  /** The name that the audit knows them by. */
  readonly name: string;
  /** A person, or a system that acts for itself. */
  readonly kind: 'user' | 'system';
  readonly roles: readonly string[];
  /** Who they are in FHIR (fhirUser), as `Practitioner/1`. */
  readonly user?: string;
  readonly patients: readonly OwnPatient[];
  readonly practices: readonly string[]; // ids of Organizations
  /** Ids of patients whose chart they have opened by breaking the glass. */
  readonly opened: readonly string[];
}

/** What a token grants its app of what the caller may. */
export interface Grant {
  /** The scopes with blanks between them; without them all that the caller may (a page of the server itself). */
  readonly scope?: string;
  /** The patient in context: the id that the token was answered with. */
  readonly patient?: string;
}
