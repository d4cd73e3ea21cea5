import type { ResourceType } from '@medplum/fhirtypes';
import type { Stored } from './stored.ts';

/** Asks for the versions of one type that were current at a moment. Times are epoch milliseconds. */
export interface AsOfQuery {
  readonly type: ResourceType;
  /** What was written in this millisecond is part of it. */
  readonly at: number;
  /** Only versions that were written after this moment. */
  readonly since?: number;
  /** Most resources that are looked at, so that a page takes little time whatever it finds. */
  readonly count: number;
  /** Where the page before this one ended. */
  readonly after?: string;
}

/** Versions in an order that never changes, deletions included. No `next`: there are no further resources. */
export interface AsOfPage {
  readonly versions: readonly Stored[];
  readonly next?: string;
}

/** Bytes of JSON from which a page ends, so that large resources do not fill the memory. */
export const asOfBytes = 1024 * 1024;
