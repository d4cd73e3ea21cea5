import { entriesMaxDefault } from '../search/extract.ts';

/** How much one request may ask for. Each is a setting: CLAIMWRIGHT_MAX_… of README.md. */
export interface Limits {
  /** Entries of a Bundle. */
  readonly bundleEntries: number;
  /** Parameters beside each other in a Parameters resource. */
  readonly parameters: number;
  /** Operations of a JSON Patch. */
  readonly patchOperations: number;
  /** Values of a JSON body: objects, lists, texts, numbers. */
  readonly jsonNodes: number;
  /** Values of one resource, alone or in an entry. */
  readonly resourceNodes: number;
  /** Items of any other list. */
  readonly listItems: number;
  /** Values of a resource that it is searched by. */
  readonly indexEntries: number;
  /** Parameters of one _sort. */
  readonly sortKeys: number;
  /** Issues of an answer; how many more there were is said. */
  readonly issuesTold: number;
  /** How many times its packed bytes a body may unpack to, once that is more than a megabyte. */
  readonly unpackedRatio: number;
  /** Bytes that a batch or transaction answers with. */
  readonly answeredBytes: number;
  /** Requests that are answered later and are unfinished. */
  readonly asyncAtWork: number;
  /** Bytes of their answers that this server keeps. */
  readonly asyncBytes: number;
}

const mb = 1024 * 1024;

export const defaultLimits: Limits = {
  bundleEntries: 20_000,
  parameters: 10_000,
  patchOperations: 1000,
  jsonNodes: 3_000_000,
  resourceNodes: 500_000,
  listItems: 100_000,
  indexEntries: entriesMaxDefault,
  sortKeys: 20,
  issuesTold: 100,
  unpackedRatio: 100,
  answeredBytes: 50 * mb,
  asyncAtWork: 100,
  asyncBytes: 256 * mb,
};

export const limitsOf = ({ limits }: { readonly limits?: Limits }): Limits => limits ?? defaultLimits;
