import type { Express } from 'express';
import request, { type Test } from 'supertest';
import { AccountAccess } from '../../src/access/accountAccess.ts';
import type { Grant } from '../../src/access/caller.ts';
import type { Account } from '../../src/access/resolveCaller.ts';
import { createApp } from '../../src/app.ts';
import type { Principal } from '../../src/interaction/asCaller.ts';
import type { OperationContext } from '../../src/operation/operation.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head';

/** A server that is told by a header who asks: what the authorization server finds out by a token. */
export class AsAccount {
  readonly app: Express;
  readonly accounts: AccountAccess;
  readonly #principals = new Map<string, Principal>();

  constructor(context: OperationContext) {
    this.accounts = new AccountAccess(context);
    this.app = createApp(context, {
      principalOf: ({ headers }) => this.#principals.get(String(headers['x-account'])) ?? { name: 'all' },
    });
  }

  /** Says who a name is from now on, and what their token grants. */
  async is(account: Account, grant?: Grant): Promise<void> {
    this.accounts.forget();
    const found = await this.accounts.of(account, grant);
    this.#principals.set(account.name, {
      name: account.name,
      access: found.access,
      permits: found,
      roles: account.roles,
    });
  }

  ask(name: string, method: Method, path: string, body?: unknown): Test {
    const asked = request(this.app)
      [method](`/fhir/${path}`)
      .set('x-account', name)
      .set('content-type', 'application/fhir+json');
    return body === undefined ? asked : asked.send(body as object);
  }
}
