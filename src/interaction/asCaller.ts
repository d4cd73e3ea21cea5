import type { Access } from '../store/access/access.ts';
import { asServer } from '../store/access/asServer.ts';
import type { Context } from './context.ts';
import type { Permits } from './permits.ts';

/** Who asks: the name that the audit knows them by, what they may see and write, and ask at all; everything, where nothing is said. */
export interface Principal {
  readonly name: string;
  readonly access?: Access;
  readonly permits?: Permits;
  /** Of a token: the app that brings it, the account that it acts for, and who that is in FHIR, as Practitioner/1. */
  readonly client?: string;
  readonly account?: string;
  readonly user?: string;
  readonly roles?: readonly string[];
  /** What the token granted, and to whom, as JSON: work in the background asks by it what they may by then. */
  readonly grant?: string;
}

/** The one place where the context of a request is made: what the server has, as its caller may use it. */
export function asCaller(
  context: Context,
  { name, access = 'all', permits, roles, grant }: Principal,
): Context {
  const { permits: _none, grant: _neither, access: _nor, roles: _norRoles, ...rest } = context;
  const all = asServer(context.store);
  const store = access === 'all' ? all : all.as(access);
  return {
    ...{ ...rest, principal: name, store },
    ...(access === 'all' ? {} : { access }),
    ...(permits ? { permits } : {}),
    ...(roles ? { roles } : {}),
    ...(grant === undefined ? {} : { grant }),
  };
}
