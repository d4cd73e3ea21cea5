import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import type { Account } from '../../src/http/smart/accounts.ts';
import { Browser, redirectUri, throughPages, type Received, type SmartTest } from './browser.ts';
import { httpServer } from '../httpServer.ts';

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

/** The keys that an app signs with, and where it publishes them. */
export interface Keys {
  readonly url: string;
  sign(claims: Readonly<Record<string, unknown>>, alg?: 'ES384' | 'RS384'): Promise<string>;
  close(): Promise<void>;
}

export async function publishedKeys(): Promise<Keys> {
  const keys = new Map<string, Key>();
  const published: JWK[] = [];
  for (const alg of ['ES384', 'RS384']) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    keys.set(alg, privateKey);
    published.push({ ...(await exportJWK(publicKey)), kid: alg, alg, use: 'sig' });
  }
  const server: Server = httpServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    sign: (claims, alg = 'ES384') => {
      const key = keys.get(alg);
      if (!key) throw new Error(alg);
      return new SignJWT(claims).setProtectedHeader({ alg, kid: alg, typ: 'JWT' }).sign(key);
    },
    close: () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  };
}

/** How an app proves who it is at the token endpoint. */
export type Proves = 'public' | 'symmetric' | 'asymmetric';

export interface App {
  readonly id: string;
  readonly proves: Proves;
  readonly secret?: string;
}

interface Run {
  readonly app: App;
  readonly account: Account;
  readonly browser: Browser;
  readonly scope: string;
  readonly pkce: boolean;
  readonly byPost?: boolean;
  readonly aud?: string;
  readonly launch?: string;
  readonly patient?: string;
  readonly encounter?: string;
}

/** An app as the public test suites act as one: it knows of the server what discovery tells. */
export class Tester {
  readonly #test: SmartTest;
  readonly #keys: Keys;
  #known: Readonly<Record<string, unknown>> | undefined;

  constructor(test: SmartTest, keys: Keys) {
    this.#test = test;
    this.#keys = keys;
  }

  async endpoint(name: 'authorization' | 'token' | 'introspection' | 'revocation'): Promise<string> {
    this.#known ??= (await this.#test.ask(`${this.#test.base}/.well-known/smart-configuration`)).json;
    return String(this.#known[`${name}_endpoint`]);
  }

  /** Authorizes with the pages of the server, and exchanges the code. */
  async launch(run: Run): Promise<Received> {
    const { app, account, browser, pkce, patient } = run;
    const verifier = randomBytes(32).toString('base64url');
    const state = randomUUID();
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const query = {
      ...{ response_type: 'code', client_id: app.id, redirect_uri: redirectUri },
      ...{ scope: run.scope, state, aud: run.aud ?? this.#test.base },
      ...(run.launch === undefined ? {} : { launch: run.launch }),
      ...(pkce ? { code_challenge: challenge, code_challenge_method: 'S256' } : {}),
    };
    const url = await this.endpoint('authorization');
    if (run.byPost === true) await browser.open(url, { form: query });
    else await browser.open(`${url}?${new URLSearchParams(query).toString()}`);
    const person = patient === undefined ? { account } : { account, patient };
    await throughPages(browser, person);
    if (run.encounter !== undefined) {
      await browser.submit({ encounter: run.encounter });
      await throughPages(browser, person);
    }
    const back = new URL(browser.url);
    if (back.searchParams.get('state') !== state) throw new Error(`no way back: ${browser.page?.text ?? ''}`);
    return this.token(app, {
      ...{ grant_type: 'authorization_code', code: back.searchParams.get('code') ?? '' },
      ...{ redirect_uri: redirectUri, ...(pkce ? { code_verifier: verifier } : {}) },
    });
  }

  /** Asks for a token, proving who the app is in its way. */
  async token(app: App, form: Readonly<Record<string, string>>): Promise<Received> {
    const { headers, form: proof } = await this.proof(app);
    return this.#test.ask(await this.endpoint('token'), { headers, form: { ...form, ...proof } });
  }

  async proof({ id, proves, secret = '' }: App): Promise<{
    readonly headers: Readonly<Record<string, string>>;
    readonly form: Readonly<Record<string, string>>;
  }> {
    switch (proves) {
      case 'public':
        return { headers: {}, form: { client_id: id } };
      case 'symmetric':
        return {
          headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
          form: {},
        };
      case 'asymmetric':
        return { headers: {}, form: await this.assertion(id) };
    }
  }

  async assertion(
    client: string,
    over: Readonly<Record<string, unknown>> = {},
    alg: 'ES384' | 'RS384' = 'ES384',
  ): Promise<Readonly<Record<string, string>>> {
    const exp = Math.floor(Date.now() / 1000) + 300;
    const claims = {
      ...{ iss: client, sub: client, aud: await this.endpoint('token'), exp, jti: randomUUID() },
      ...over,
    };
    const signed = await this.#keys.sign(claims, alg);
    return { client_assertion_type: assertionType, client_assertion: signed };
  }
}

/** The claims of a JWT, unchecked. */
export const claimsOf = (token: unknown): Readonly<Record<string, unknown>> => {
  const [, body = ''] = String(token).split('.');
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as Readonly<Record<string, unknown>>;
};
