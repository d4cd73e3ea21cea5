import type { Access } from '../store/access/access.ts';
import { asServer } from '../store/access/asServer.ts';
import type { Context } from './context.ts';

/** Who asks: the name that the audit knows them by, and what they may see and write; everything, where nothing is said. */
export interface Principal {
  readonly name: string;
  readonly access?: Access;
}

/** The one place where the context of a request is made: what the server has, as its caller may use it. */
export const asCaller = (context: Context, { name, access = 'all' }: Principal): Context => ({
  ...context,
  principal: name,
  store: asServer(context.store).as(access),
});
