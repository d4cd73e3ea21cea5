import { createHash, randomBytes } from 'node:crypto';
import { Agent, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/app.ts';
import type { Account, Accounts } from '../../src/http/smart/accounts.ts';
import { addClient, type NewClient } from '../../src/http/smart/clients.ts';
import type { Settings } from '../../src/http/settings.ts';
import type { Context } from '../../src/interaction/context.ts';
import { testContext } from '../context.ts';
import { httpServer } from '../httpServer.ts';
import { QuickAccounts } from './quickAccounts.ts';

export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly location: string;
  readonly json: Readonly<Record<string, unknown>>;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** The server with its authorization server, and what a test needs of it. */
export interface SmartTest {
  readonly context: Context;
  readonly base: string;
  readonly issuer: string;
  readonly accounts: Accounts;
  ask(url: string, sent?: Sent): Promise<Received>;
  client(
    client: Partial<NewClient> & { readonly id: string },
  ): Promise<{ readonly id: string; readonly secret?: string }>;
  close(): Promise<void>;
}

export const redirectUri = 'https://app.example/callback';
export const password = 'correct horse battery';

export async function smartTest(
  over: Partial<Context> = {},
  settings: Partial<Settings> = {},
): Promise<SmartTest> {
  const server = httpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = over.publicUrl ?? `http://127.0.0.1:${port}/fhir`;
  const context = await testContext({ publicUrl: base, ...over });
  server.on('request', createApp(context, { auth: 'smart', ...settings }));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const { records } = context.store;
  return {
    context,
    base,
    issuer: base.replace(/\/fhir$/, '/auth'),
    accounts: new QuickAccounts({ records, now: context.now }),
    ask: asking(agent, port),
    client: (client) =>
      addClient(records, {
        name: `The ${client.id}`,
        kind: 'public',
        redirectUris: [redirectUri],
        ...client,
      }),
    close: () => close(server, agent, context),
  };
}

/** Asks a server on this machine. */
export const asking =
  (agent: Agent, port: number): SmartTest['ask'] =>
  (url, sent) =>
    ask(agent, port, url, sent);

async function close(server: Server, agent: Agent, context: Context): Promise<void> {
  agent.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await context.store.close();
}

function ask(
  agent: Agent,
  port: number,
  url: string,
  { method, headers = {}, form, body }: Sent = {},
): Promise<Received> {
  const text = form ? formText(form) : body;
  const { pathname, search } = new URL(url, `http://127.0.0.1:${port}`);
  const type = form ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ port, agent, path: pathname + search, method: method ?? (text === undefined ? 'GET' : 'POST') },
        headers: { ...type, ...length, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const received = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: received,
            location: response.headers.location ?? '',
            get json() {
              return JSON.parse(received) as Record<string, unknown>;
            },
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

function formText(form: NonNullable<Sent['form']>): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(form))
    for (const one of typeof value === 'string' ? [value] : value) pairs.append(name, one);
  return pairs.toString();
}

/** A browser of a person: it keeps cookies, follows redirects on this server, and fills in forms. */
export class Browser {
  readonly #test: Pick<SmartTest, 'ask' | 'base'>;
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>();
  url = '';
  page: Received | undefined;

  constructor(test: Pick<SmartTest, 'ask' | 'base'>) {
    this.#test = test;
  }

  /** Opens a URL; ends at a page, or at the URL of another server. */
  async open(url: string, sent: Sent = {}): Promise<Received> {
    let next: Sent = sent;
    for (let at = new URL(url, this.#test.base); ;) {
      const received = await this.#test.ask(at.href, {
        ...next,
        headers: { ...this.#cookieOf(at.pathname), ...next.headers },
      });
      this.#keep(received, at.pathname);
      this.url = at.href;
      this.page = received;
      if (received.status < 300 || received.status >= 400) return received;
      const target = new URL(received.location, at);
      if (target.origin !== new URL(this.#test.base).origin) {
        this.url = target.href;
        return received;
      }
      at = target;
      next = { headers: pick(sent.headers, 'accept-language') };
    }
  }

  /** Presses a button of the form that has it, with what its fields hold and what is filled in. */
  submit(
    button: Readonly<Record<string, string>>,
    fields: Readonly<Record<string, string | readonly string[]>> = {},
  ): Promise<Received> {
    const text = this.page?.text ?? '';
    const [name = '', value = ''] = Object.entries(button)[0] ?? [];
    const forms = [...text.matchAll(/<form [^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)];
    const form = forms.find(([, , inside = '']) => inside.includes(`name="${name}" value="${value}"`));
    if (!form) throw new Error(`there is no button ${name}=${value} on ${text}`);
    const held: Record<string, string | readonly string[]> = {};
    const checked: string[] = [];
    for (const [tag] of (form[2] ?? '').matchAll(/<input\s[^>]*>/g)) {
      const of = (attribute: string): string =>
        plain(new RegExp(`${attribute}="([^"]*)"`).exec(tag)?.[1] ?? '');
      if (of('type') === 'hidden') held[of('name')] = of('value');
      if (of('type') === 'checkbox' && / checked/.test(tag)) checked.push(of('value'));
    }
    if (checked.length > 0) held['scope'] = checked;
    return this.open(new URL(plain(form[1] ?? ''), this.url).href, {
      form: { ...held, ...fields, ...button },
    });
  }

  #cookieOf(path: string): Readonly<Record<string, string>> {
    const sent = [...this.#cookies].filter(([, cookie]) => path.startsWith(cookie.path));
    return sent.length === 0
      ? {}
      : { cookie: sent.map(([name, { value }]) => `${name.split(' ')[0] ?? ''}=${value}`).join('; ') };
  }

  #keep({ headers }: Received, at: string): void {
    for (const line of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /; *path=([^;]+)/i.exec(line)?.[1] ?? at;
      if (value === '' || /expires=thu, 01 jan 1970/i.test(line)) this.#cookies.delete(`${name} ${path}`);
      else this.#cookies.set(`${name} ${path}`, { value, path });
    }
  }
}

const pick = (headers: Sent['headers'], name: string): Readonly<Record<string, string>> => {
  const value = headers?.[name];
  return value === undefined ? {} : { [name]: value };
};

const plain = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

export interface Launch {
  readonly client: string;
  readonly scope: string;
  readonly account: Account;
  readonly patient?: string;
  readonly more?: Readonly<Record<string, string>>;
  readonly pkce?: boolean;
  readonly byPost?: boolean;
  readonly unchecked?: readonly string[];
}

export interface Launched {
  readonly redirect: URL;
  readonly code: string;
  readonly verifier: string;
}

/** Authorizes an app as a person would: sign-in, choice of a patient, consent. */
export async function authorize(test: SmartTest, browser: Browser, launch: Launch): Promise<Launched> {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = {
    ...{ response_type: 'code', client_id: launch.client, redirect_uri: redirectUri, scope: launch.scope },
    ...{ state: 'a state', aud: test.base },
    ...(launch.pkce === false ? {} : { code_challenge: challenge, code_challenge_method: 'S256' }),
    ...launch.more,
  };
  const endpoint = `${test.issuer}/authorize`;
  if (launch.byPost === true) await browser.open(endpoint, { form: query });
  else await browser.open(`${endpoint}?${new URLSearchParams(query).toString()}`);
  await throughPages(browser, launch);
  const redirect = new URL(browser.url);
  return { redirect, code: redirect.searchParams.get('code') ?? '', verifier };
}

/** Answers the pages of an authorization until there is none. */
export async function throughPages(
  browser: Browser,
  { account, patient, unchecked = [] }: Pick<Launch, 'account' | 'patient' | 'unchecked'>,
): Promise<void> {
  for (let i = 0; i < 5 && browser.page !== undefined && browser.page.status < 500; i++) {
    const { text, status } = browser.page;
    if (status >= 300 && status < 400) return;
    if (text.includes('value="sign-in"'))
      await browser.submit({ do: 'sign-in' }, { name: account.name, password });
    else if (text.includes('value="allow"')) {
      const scopes = [...text.matchAll(/name="scope" value="([^"]*)"/g)].map(([, value = '']) =>
        plain(value),
      );
      await browser.submit({ do: 'allow' }, { scope: scopes.filter((scope) => !unchecked.includes(scope)) });
    } else if (text.includes('name="patient"')) await browser.submit({ patient: patient ?? '' });
    else return;
  }
}

/** Exchanges a code as a public client. */
export const exchange = (
  test: SmartTest,
  client: string,
  { code, verifier }: Pick<Launched, 'code' | 'verifier'>,
): Promise<Received> =>
  test.ask(`${test.issuer}/token`, {
    form: {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      client_id: client,
      code_verifier: verifier,
    },
  });

export const bearer = (token: unknown): { readonly headers: { readonly authorization: string } } => ({
  headers: { authorization: `Bearer ${String(token)}` },
});
