import type { ResourceType } from '@medplum/fhirtypes';
import type { Issue } from '../../outcome/issue.ts';

/** Where an export was asked for. See https://hl7.org/fhir/uv/bulkdata/STU2/export.html */
export type Level = 'system' | 'Patient' | 'Group';

/** An element that is wanted: of one type, or of every type that has it. */
export interface WantedElement {
  readonly type?: ResourceType;
  readonly name: string;
}

/** What an export is asked for, fixed at the kick-off and kept as JSON. Times are epoch milliseconds. */
export interface ExportRequest {
  readonly url: string; // of the kick-off, for the manifest
  readonly level: Level;
  readonly at: number; // transactionTime: each resource is exported as it was then
  readonly since?: number;
  readonly until?: number;
  readonly types: readonly ResourceType[];
  /** Queries of _typeFilter by type: what meets one of them is exported. */
  readonly filters: Readonly<Partial<Record<ResourceType, readonly string[]>>>;
  readonly elements: readonly WantedElement[];
  readonly provenance?: 'latest' | 'relevant'; // includeAssociatedData
  readonly patients?: readonly string[]; // ids
  readonly group?: { readonly id: string; readonly version: number };
  /** What of the request was left out, and why. */
  readonly notes: readonly Issue[];
  readonly caller: ExportCaller;
}

/** Who asked. */
export interface ExportCaller {
  readonly name?: string;
  readonly grant?: string; // see Principal
  readonly isConfined: boolean;
}
