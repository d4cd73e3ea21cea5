import type { Resource } from '@medplum/fhirtypes';
import { toJson } from '../../datatypes/json.ts';
import type { Stored, Transaction } from '../../store/store.ts';
import type { Call } from '../operation.ts';

const utf8 = new TextEncoder();

/** What a put would have stored; the resource gets a version so that it can be referred to. */
function unwritten(resource: Resource & { id: string }, method: Stored['method'] = 'PUT'): Stored {
  const lastUpdated = resource.meta?.lastUpdated ?? '1970-01-01T00:00:00.000Z';
  resource.meta = Object.assign(resource.meta ?? {}, {
    versionId: resource.meta?.versionId ?? '1',
    lastUpdated,
  });
  const { resourceType: type, id } = resource;
  return { type, id, version: 1, lastUpdated, method, deleted: false, json: utf8.encode(toJson(resource)) };
}

/**
 * The call as a trial: it reads what there is, and what it writes is thrown away, not seen by its own
 * reads either. What a step would make of the chart now is worked out so, and nothing is changed.
 */
export function trialOf(call: Call): Call {
  const { tx } = call;
  const nothing = (): Promise<void> => Promise.resolve();
  const trial: Transaction = {
    jobs: tx.jobs,
    read: (type, id) => tx.read(type, id),
    vread: (type, id, version) => tx.vread(type, id, version),
    history: (type, id, page) => tx.history(type, id, page),
    revivals: (versions) => tx.revivals(versions),
    changes: (query) => tx.changes(query),
    search: (query) => tx.search(query),
    explain: (query) => tx.explain(query),
    referrers: (type, id, count) => tx.referrers(type, id, count),
    journal: (account) => tx.journal(account),
    entries: (page) => tx.entries(page),
    holder: tx.holder.bind(tx),
    recall: (key) => tx.recall(key),
    gathered: (keys) => tx.gathered(keys),
    generation: (type) => tx.generation(type),
    readAhead: (targets, keys) => tx.readAhead(targets, keys),
    put: (resource, options) => Promise.resolve(unwritten(resource, options?.method)),
    delete: () => Promise.resolve(undefined),
    lock: nothing,
    reserve: nothing,
    release: nothing,
    append: nothing,
    remember: nothing,
  };
  return { ...call, tx: trial };
}
