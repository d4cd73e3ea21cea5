import type { Reader, Transaction } from '../../store/store.ts';
import type { Answer } from './answer.ts';
import type { Context } from '../context.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { notInBundles } from '../bundle/entry.ts';
import { historyInstance } from './historyInstance.ts';
import { historyType } from './historyType.ts';
import { patch } from '../patch/patch.ts';
import { read } from './read.ts';
import { readCapabilities } from '../conformance/readCapabilities.ts';
import type { FhirRequest, Interaction } from './request.ts';
import { searchSystem } from '../search/searchSystem.ts';
import { searchType } from '../search/searchType.ts';
import { update } from './update.ts';
import { vread } from './vread.ts';

type Reading = (context: Context, reader: Reader, request: FhirRequest) => Promise<Answer>;
type Writing = (context: Context, tx: Transaction, request: FhirRequest) => Promise<Answer>;

/** The interactions that change nothing. */
export const reading: Readonly<Partial<Record<Interaction, Reading>>> = {
  read,
  vread,
  'search-type': searchType,
  'search-system': searchSystem,
  'history-instance': historyInstance,
  'history-type': historyType,
  'history-system': historyType,
};

/** The interactions that write one resource, each inside a transaction. */
export const writing: Readonly<Partial<Record<Interaction, Writing>>> = {
  create,
  update,
  patch,
  delete: remove,
};

/** What an entry of a Bundle reads; 422 when it is nothing that stands in a Bundle. */
export function readIn(
  context: Context,
  reader: Reader,
  interaction: Interaction,
  request: FhirRequest,
): Promise<Answer> {
  if (interaction === 'capabilities' && context.capabilities) {
    return Promise.resolve(readCapabilities(request, context.capabilities()));
  }
  const read = reading[interaction];
  if (!read) throw notInBundles(interaction);
  if (request.method === 'POST' && request.resource !== undefined) {
    throw notInBundles('a search whose parameters are a body: send them in the URL, it');
  }
  return read(context, reader, request);
}
