import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';
import type { Store } from '../../src/store/store.ts';
import { said, sent, testServer, type Reply, type TestServer } from '../http/server.ts';

export interface Searching {
  readonly server: TestServer;
  readonly get: (path: string) => Promise<Reply>;
  /** The ids of the matches of a search, in order; what it was refused with where it was. */
  readonly ids: (search: string) => Promise<(string | undefined)[]>;
}

/** A server on a store that searches are asked of. */
export async function searching(store: Store): Promise<Searching> {
  const server = await testServer({}, { store });
  const get = (path: string): Promise<Reply> => sent(server.http.get(`/fhir/${path}`));
  const ids = async (search: string): Promise<(string | undefined)[]> => {
    const reply = await get(search);
    if (reply.status !== 200) return [`${reply.status} ${said(reply)[0]?.code ?? ''}`];
    const { entry = [] } = reply.body as Bundle;
    return entry.flatMap(({ resource, search: as }) => (as?.mode === 'match' ? [resource?.id] : []));
  };
  return { server, get, ids };
}

/** A resource of a test, with its id. */
export const known = <T extends Resource>(resource: T & { id: string }): T & { id: string } => resource;

/** What an answer says in words. */
export const sentence = ({ body }: Reply): string =>
  ((body as Partial<OperationOutcome>).issue ?? []).map(({ details }) => details?.text ?? '').join(' ');
