import type { ResourceType } from '@medplum/fhirtypes';

/** One version of one resource, as it is kept. `json` is its UTF-8 text, meta included; empty when deleted. */
export interface Stored {
  readonly type: ResourceType;
  readonly id: string;
  readonly version: number; // 1, 2, 3 … deletes count
  readonly lastUpdated: string; // FHIR instant
  readonly method: 'POST' | 'PUT' | 'DELETE'; // how this version came to be
  readonly deleted: boolean;
  readonly json: Uint8Array;
  /** The patients and practices that it belongs to (access/membership.ts), where they are kept beside it. */
  readonly members?: string | undefined;
}

/** An answer kept for an Idempotency-Key. */
export interface Remembered {
  readonly bodyHash: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
