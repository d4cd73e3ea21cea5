import type { ResourceType } from '@medplum/fhirtypes';
import type { AuditBlock } from './audit.ts';
import type { Job } from './job.ts';
import type { KeptRecord } from './record.ts';
import type { Remembered, Stored } from './stored.ts';

/** One version of a resource as it is kept, its text byte by byte. */
export type RawVersion = Pick<Stored, 'version' | 'lastUpdated' | 'method' | 'json'>;

/** What a store is made of, as it is copied: everything but what is derived from it (indexes) and its own secret. */
export type Piece =
  | {
      readonly kind: 'resource';
      readonly type: ResourceType;
      readonly id: string;
      readonly versions: readonly [RawVersion, ...RawVersion[]]; // oldest first
    }
  | { readonly kind: 'entry'; readonly account: string; readonly text: string } // of the journal
  | { readonly kind: 'key'; readonly key: string; readonly holder: string }
  | {
      readonly kind: 'answer';
      readonly key: string;
      readonly answer: Remembered;
      readonly expires: number | null; // epoch milliseconds
    }
  | { readonly kind: 'job'; readonly job: Job } // without its lease: nobody holds it in the copy
  | { readonly kind: 'record'; readonly record: KeptRecord }
  | { readonly kind: 'audit'; readonly block: AuditBlock };

export interface PiecePage {
  readonly pieces: readonly Piece[];
  readonly next?: string; // place of the page after this one; opaque, of this store only
}

/** A move into a store that is not finished: from which store, and up to where all is here. */
export interface MoveState {
  readonly from: string;
  readonly place: string;
  readonly pieces: number;
}

/**
 * Copying a whole store, versions, journal and all. The order of pieces is the same on every store: resources type by
 * type (in order of name) by first creation, the journal in its order, keys, answers, jobs and records in the order of
 * their bytes, the records of access by chain.
 */
export interface Copying {
  /** What tells this store from every other. */
  identity(): Promise<string>;
  /** About `count` pieces from a place on; answers and records that expire before `at` (epoch milliseconds) are none. */
  pieces(page: { after: string | undefined; count: number; at: number }): Promise<PiecePage>;
  /**
   * Notes that a move into this store begins. Jobs of the keys named are dropped: they say how far this store has come
   * with what the other one's jobs, which are taken, say of themselves.
   */
  begin(state: MoveState, drop: readonly string[]): Promise<void>;
  /** Adds pieces behind those that are here, indexes included, and says in the same commit how far the move is. */
  take(pieces: readonly Piece[], state: MoveState): Promise<void>;
  /** The move that is not finished, if there is one; such a store opens for nothing else. */
  unfinished(): Promise<MoveState | undefined>;
  finish(): Promise<void>;
}

/** The sections of a copy, in their order; a place is a section and where in it. */
export interface Place {
  readonly section: 'resource' | 'entry' | 'key' | 'answer' | 'job' | 'record' | 'audit';
  readonly type?: ResourceType;
  readonly at: number | string;
  readonly of?: string; // the kind of a record, a chain of the audit
}
/** A job as it is copied: whoever worked at it does not work at the copy. */
export const copiedJob = (job: Job): Job => (job.state === 'leased' ? { ...job, state: 'due' } : job);

export const placeText = (place: Place): string => JSON.stringify(place);
export const placeOf = (text: string): Place => JSON.parse(text) as Place;

/** Why a store that a move goes into opens for nothing else. */
export const unfinishedMove =
  'a move into this store is not finished: run npm run move again with the same two stores';
