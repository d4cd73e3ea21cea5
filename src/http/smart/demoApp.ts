import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bundle, ExplanationOfBenefit } from '@medplum/fhirtypes';
import { queryOf } from '../exchange.ts';
import { redirect, sendPage } from './forms.ts';
import { demoAppPage } from './page/demoApp.ts';
import { problemPage } from './page/problem.ts';
import { languageOf } from './page/text.ts';
import { hashed, newSecret } from './sealed.ts';
import type { SmartServer } from './smartServer.ts';

/**
 * A small SMART app that shows what a launch is like: it asks for a token as every app does, over HTTP, and lists the
 * patient's ExplanationOfBenefits. Under `off` on this machine only.
 */
const id = 'claimwright-demo';
const kind = 'demo-app-state';
const stateLasts_ms = 10 * 60_000;
const scope = 'launch launch/patient openid fhirUser patient/*.rs user/*.rs';

interface State {
  readonly verifier: string;
}

/** Answers the pages of the app; false where it is not there. */
export async function answerDemoApp(
  server: SmartServer,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (!server.isLocal || server.settings.auth !== 'off' || request.method !== 'GET') return false;
  const query = new URLSearchParams(queryOf(request.url ?? ''));
  if (path === '/demo/launch') await launch(server, query, response);
  else if (path === '/demo/back') await back(server, query, request, response);
  else return false;
  return true;
}

const returnsTo = ({ issuer }: SmartServer): string => `${issuer}/demo/back`;

async function launch(server: SmartServer, query: URLSearchParams, response: ServerResponse): Promise<void> {
  const { base, issuer, records, now } = server;
  const [state, verifier] = [newSecret(), newSecret()];
  const kept: State = { verifier };
  const expires = Date.parse(now()) + stateLasts_ms;
  await records.keep({ kind, key: hashed(state), value: JSON.stringify(kept), expires });
  const asked = new URLSearchParams({
    ...{ response_type: 'code', client_id: id, redirect_uri: returnsTo(server), scope, state, aud: base },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const launched = query.get('launch');
  if (launched !== null) asked.set('launch', launched);
  redirect(response, `${issuer}/authorize?${asked.toString()}`);
}

async function back(
  server: SmartServer,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { base, issuer, records } = server;
  const language = languageOf(request);
  const key = hashed(query.get('state') ?? '');
  const found = await records.find(kind, key);
  const code = query.get('code');
  if (!found || code === null || !(await records.remove(kind, key))) {
    sendPage(response, problemPage(language, query.get('error') === 'access_denied' ? 'other' : 'expired'));
    return;
  }
  const { verifier } = JSON.parse(found.value) as State;
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{
        grant_type: 'authorization_code',
        client_id: id,
        code,
        redirect_uri: returnsTo(server),
        code_verifier: verifier,
      },
    }),
  });
  const token = (await answer.json()) as { access_token?: string; patient?: string };
  if (token.access_token === undefined) {
    sendPage(response, problemPage(language, 'other'));
    return;
  }
  const { patient = '' } = token;
  const headers = { authorization: `Bearer ${token.access_token}` };
  const search = `patient=${encodeURIComponent(patient)}&_sort=-created&_count=50`;
  const bundle = (await (
    await fetch(`${base}/ExplanationOfBenefit?${search}`, { headers })
  ).json()) as Bundle;
  const explanations = (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'ExplanationOfBenefit' ? [rowOf(resource)] : [],
  );
  sendPage(
    response,
    demoAppPage({ language, patient, explanations, scope, manage: `${new URL(issuer).pathname}/apps` }),
  );
}

/** What the app shows of one ExplanationOfBenefit. */
function rowOf({ id: name = '', billablePeriod, created, type, total = [] }: ExplanationOfBenefit) {
  const amount = (code: string): number | undefined =>
    total.find(({ category }) => category.coding?.some((coding) => coding.code === code))?.amount.value;
  return {
    id: name,
    on: (billablePeriod?.start ?? created).slice(0, 10),
    kind: type.coding?.[0]?.code ?? '',
    submitted: amount('submitted'),
    paid: amount('benefit') ?? amount('paidtoprovider'),
    owed: amount('memberliability'),
  };
}
