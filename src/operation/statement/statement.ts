import type { Organization, Reference } from '@medplum/fhirtypes';
import type { StatementSettings } from '../../billing/collection/statementCycle.ts';
import type { Cents } from '../../datatypes/cents.ts';
import type { Language } from '../letter/words.ts';
import type { AccountBill } from './readBill.ts';

/** Who is asked: a person, or the estate of one. */
export interface Recipient {
  readonly reference: Reference;
  readonly name: string;
  readonly address: readonly string[];
  readonly language: Language;
  readonly isPatient: boolean; // of the first Account
  readonly channel: 'mail' | 'email';
}

/** Of whom a statement tells: one Account, all that a guarantor answers for, or what only the patient is told. */
export type Scope = 'account' | 'family' | 'confidential';

/** A statement before it is written: all that its letter and its record say. */
export interface Statement {
  readonly number: string;
  readonly scope: Scope;
  readonly asOf: string; // postings up to this day
  readonly dueOn: string;
  readonly level: number; // 1 to the last, which is the final notice; 0: not of a cycle
  readonly isFinal: boolean;
  readonly isLarge: boolean;
  readonly practice: Organization & { readonly id: string };
  readonly settings: StatementSettings;
  readonly recipient: Recipient;
  readonly bills: readonly AccountBill[];
  readonly invoiced: Cents;
  readonly unapplied: Cents;
  readonly due: Cents;
  readonly isWaiting: boolean; // payers have not decided all yet
}
