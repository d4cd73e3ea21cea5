import type { Access } from '../store/access/access.ts';
import { asServer } from '../store/access/asServer.ts';
import type { Context } from './context.ts';

/** Who asks: the name that the audit knows them by, and what they may see and write; everything, where nothing is said. */
export interface Principal {
  readonly name: string;
  readonly access?: Access;
}

/** The one place where the context of a request is made: what the server has, as its caller may use it. */
export function asCaller(context: Context, { name, access = 'all' }: Principal): Context {
  const all = asServer(context.store);
  return { ...context, principal: name, store: access === 'all' ? all : all.as(access) };
}
