import type { Collections, ResourceDocument } from '../connection/collections.ts';
import type { Current } from './current.ts';
import { Gathered } from './gathered.ts';
import { insertTogether } from './insertTogether.ts';
import { readTogether } from './readTogether.ts';
import { referredTogether } from './referredTogether.ts';
import { replaceTogether, type Replacement } from './replaceTogether.ts';

/** Reads and writes outside of transactions: those of one kind at the same time share a message. */
export class Together {
  /** Current versions by Type/id. */
  readonly reads: Gathered<string, Current | undefined>;
  /** Whether Type/id may be referred to: false is certain, true has to be checked. */
  readonly referred: Gathered<string, boolean>;
  readonly inserts: Gathered<ResourceDocument, undefined>;
  readonly replacements: Gathered<Replacement, undefined>;

  constructor(collections: Collections) {
    this.reads = new Gathered((references) => readTogether(collections, references));
    this.referred = new Gathered((references) => referredTogether(collections, references));
    this.inserts = new Gathered((documents) => insertTogether(collections, documents));
    this.replacements = new Gathered((replacements) => replaceTogether(collections, replacements));
  }
}
