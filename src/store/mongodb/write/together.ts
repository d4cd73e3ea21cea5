import type { Collections, ResourceDocument } from '../connection/collections.ts';
import type { Current } from './current.ts';
import { Gathered } from './gathered.ts';
import { insertTogether } from './insertTogether.ts';
import { readTogether } from './readTogether.ts';
import { referredTogether } from './referredTogether.ts';
import { replaceTogether, type Replacement } from './replaceTogether.ts';

/** What is asked and written outside of transactions, each kind in one message for all who ask at the same time. */
export class Together {
  /** Current versions by Type/id. */
  readonly reads: Gathered<string, Current | undefined>;
  /** Whether anybody may refer to Type/id: false is certain, true is to be asked again. */
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
