import type { Basic } from '@medplum/fhirtypes';
import type { Adjudicated } from '../../datatypes/adjudication.ts';
import type { Cents } from '../../datatypes/cents.ts';
import { system } from '../../terminology/system.ts';
import type { Payee } from './claim837.ts';
import type { Holdings } from './house.ts';
import type { Remitted } from './remitted.ts';

/** The two ends of an exchange, as the payer's side writes them: it is the sender. */
export interface Ends {
  readonly senderQualifier: string;
  readonly sender: string;
  readonly receiverQualifier: string;
  readonly receiver: string;
  readonly groupSender: string;
  readonly groupReceiver: string;
  readonly usage: 'P' | 'T';
}

/** A claim that a payer has taken up. */
export interface KeptClaim {
  readonly icn: string;
  readonly house: string; // payer id
  readonly number: string; // CLM01
  readonly sameness: string | undefined;
  readonly answeredOn: string;
  readonly state: 'pended' | 'answered' | 'reversed' | 'voided';
  readonly remitted?: Remitted; // what was decided
  readonly adjudicated?: readonly Adjudicated[];
}

/** Something that an 835 is to say. */
export interface Due {
  readonly on: string; // the day of the payment
  readonly house: string;
  readonly payee: Payee;
  readonly ends: Ends;
  readonly clps: readonly Remitted[];
  /** Money of a reversal that this 835 does not take back (negative), or one that takes it (positive): PLB WO. */
  readonly recoups?: readonly { readonly icn: string; readonly amount: Cents }[];
  /** It goes with the next payment to this payee; alone when its day has come. */
  readonly isLater?: true;
  /** What is known once it is paid. */
  readonly keeps?: readonly KeptClaim[];
  /** What follows with a later payment. */
  readonly then?: Omit<Due, 'house' | 'payee' | 'ends'>;
}

/** A balance that an 835 carried forward: PLB FB. */
export interface Forwarded {
  readonly house: string;
  readonly npi: string;
  readonly trace: string; // TRN02 of the 835 that made it
  readonly amount: Cents; // that the payee owes
}

/** All that the simulated payers know. It is JSON, so that a process can keep it. */
export interface Books {
  numbers: { interchange: number; group: number; claim: number; trace: number };
  members: Record<string, Basic>;
  claims: Record<string, KeptClaim>; // by house and ICN
  sameness: Record<string, string>; // house and what makes a claim the same → ICN
  due: Due[];
  forwarded: Forwarded[];
  received: Record<string, string>; // ends and ISA13 → hash of the interchange
}

export const keyOf = (house: string, name: string): string => `${house}|${name}`;

/** The books of payers who have got nothing yet. */
export function openBooks({ houses, members }: Holdings): Books {
  const houseOf = new Map(houses.map((h) => [h.organization, h.id]));
  const ofMember = members.flatMap((m) => {
    const house = houseOf.get(m.author?.reference ?? '');
    const id = m.identifier?.find((i) => i.system === system.memberId)?.value;
    return house === undefined || id === undefined ? [] : [[keyOf(house, id), m] as const];
  });
  return {
    numbers: { interchange: 0, group: 0, claim: 0, trace: 0 },
    members: Object.fromEntries(ofMember),
    claims: {},
    sameness: {},
    due: [],
    forwarded: [],
    received: {},
  };
}

/** The next number of a kind; none is ever given twice. */
export function takeNumber(books: Books, kind: keyof Books['numbers']): number {
  books.numbers[kind] += 1;
  return books.numbers[kind];
}
