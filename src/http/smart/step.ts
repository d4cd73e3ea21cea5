import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Interaction, InteractionResults, Provider } from 'oidc-provider';
import { addressIn } from '../exchange.ts';
import type { Account } from './accounts.ts';
import { encountersOf, findPatients, isEncounterOf, patientChoice, storeOf } from './chart.ts';
import { isOfOurPage, isProof, proofOf, readForm, sendPage } from './forms.ts';
import { keepGranted } from './grants.ts';
import { keepContext, launchOf, type LaunchContext } from './launchContext.ts';
import { consentPage } from './page/consent.ts';
import { originOf, type Page } from './page/html.ts';
import { pickEncounterPage, pickPatientPage, type Choice } from './page/pick.ts';
import { problemPage } from './page/problem.ts';
import { languageOf, type Language } from './page/text.ts';
import { lasts } from './lasts.ts';
import { grantable, isForSession } from './scopes.ts';
import { SignInSteps } from './signInSteps.ts';
import type { SmartClient } from './smartProvider.ts';
import type { SmartServer } from './smartServer.ts';
import { parseScope } from '../../access/scope.ts';

/** One request to a step of an authorization: what it is about. */
interface Asked {
  readonly server: SmartServer;
  readonly provider: Provider;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly interaction: Interaction;
  readonly client: SmartClient;
  readonly language: Language;
  readonly proof: string;
  readonly action: string;
  readonly app: string;
  readonly leadsTo: string | undefined;
}

/** Answers a step of an authorization: sign-in, choice of a patient, consent. */
export async function answerStep(
  server: SmartServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const language = languageOf(request);
  const provider = await server.provider();
  const interaction = await provider.interactionDetails(request, response).catch(() => undefined);
  const client = interaction && (await provider.Client.find(String(interaction.params['client_id'])));
  if (!interaction || !client) {
    sendPage(response, problemPage(language, 'expired'));
    return;
  }
  const redirectUri = String(interaction.params['redirect_uri']);
  const asked: Asked = {
    server,
    provider,
    request,
    response,
    interaction,
    client,
    language,
    proof: proofOf(await server.secretFor('form'), interaction.uid),
    action: `${new URL(server.issuer).pathname}/step/${interaction.uid}`,
    app: client.clientName ?? client.clientId,
    leadsTo: originOf(redirectUri),
  };
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  if (form && !(isOfOurPage(request, server.issuer) && isProof(form.get('proof'), asked.proof))) {
    sendPage(response, problemPage(language, 'form', 403));
    return;
  }
  if (form?.get('do') === 'refuse') {
    await server.tell({ e: 'consent', s: '4', a: addressIn(response), c: client.clientId });
    await refuse(asked, 'access_denied', 'the user did not allow it');
  } else if (interaction.prompt.name === 'login') await signIn(asked, form);
  else await consent(asked, form ?? new URLSearchParams());
}

const finish = ({ provider, request, response }: Asked, result: InteractionResults): Promise<void> =>
  provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });

const refuse = ({ provider, request, response }: Asked, error: string, description: string): Promise<void> =>
  provider.interactionFinished(
    request,
    response,
    { error, error_description: description },
    { mergeWithLastSubmission: false },
  );

async function signIn(asked: Asked, form: URLSearchParams | undefined): Promise<void> {
  const { server, language, response } = asked;
  const steps = new SignInSteps(server, language, { ...asked, address: addressIn(response) });
  const next = await steps.take(form);
  if ('page' in next) sendPage(response, next.page);
  else await finish(asked, { login: { accountId: next.account.id, amr: [...next.amr], remember: true } });
}

async function consent(asked: Asked, form: URLSearchParams): Promise<void> {
  const { server, interaction, response } = asked;
  const account = await server.accounts.byId(interaction.session?.accountId ?? '');
  if (!account || account.isLocked === true) return refuse(asked, 'access_denied', 'the account is not open');
  const scopes = requestedScopes(asked);
  const launched = await launchedContext(asked, account);
  if (launched === undefined)
    return refuse(asked, 'invalid_request', 'the launch is unknown, or has expired');
  const { store, own } = await storeOf(server, account);
  if (launched.patient !== undefined && !(await patientChoice(store, launched.patient)))
    return refuse(asked, 'access_denied', 'the launch is for a patient who is not seen');
  const chosen = await chooseContext({ asked, store, own, scopes, launched, form });
  if ('page' in chosen) {
    sendPage(response, chosen.page);
    return undefined;
  }
  const { patient, context } = chosen;
  if (form.get('do') === 'allow') return grant(asked, { account, scopes, context, form });
  const { encounter } = context;
  const page = consentPage({
    ...asked,
    user: account.name,
    patient,
    encounter:
      launched.encounter === undefined ? (encounter ?? form.get('encounter') ?? undefined) : undefined,
    scopes,
    registry: server.store.registry,
    returnsTo: new URL(String(interaction.params['redirect_uri'])).host,
  });
  sendPage(response, page);
  return undefined;
}

/** The scopes that were asked for and can be granted to this app. */
function requestedScopes({ interaction, client, server }: Asked): string[] {
  const scope = interaction.params['scope'];
  return grantable(typeof scope === 'string' ? scope : '', {
    parse: (one) => parseScope(one, server.store.registry),
    isSystem: false,
    allowed: client.smart_scope,
  });
}

/** What the launch out of this server said, nothing for a standalone launch; undefined where it is not theirs. */
async function launchedContext(
  { server, interaction, client }: Asked,
  account: Account,
): Promise<LaunchContext | undefined> {
  const value = interaction.params['launch'];
  if (typeof value !== 'string') return {};
  const launch = await launchOf(server.records, value);
  return launch?.client === client.clientId && launch.account === account.id ? launch.context : undefined;
}

interface Choosing {
  readonly asked: Asked;
  readonly store: Parameters<typeof patientChoice>[0];
  readonly own: readonly string[];
  readonly scopes: readonly string[];
  readonly launched: LaunchContext;
  readonly form: URLSearchParams;
}

type Chosen =
  { readonly page: Page } | { readonly patient: Choice | undefined; readonly context: LaunchContext };

/** The patient and visit that an app is to work with: as launched, the only one there is, or as chosen on a page. */
async function chooseContext({ asked, store, own, scopes, launched, form }: Choosing): Promise<Chosen> {
  const needsPatient = scopes.some((scope) => scope === 'launch/patient' || scope.startsWith('patient/'));
  const only = own.length === 1 ? own[0] : undefined;
  const id = launched.patient ?? only ?? form.get('patient') ?? undefined;
  if (id === undefined && !needsPatient) return { patient: undefined, context: launched };
  const patient = id === undefined ? undefined : await patientChoice(store, id);
  if (!patient) {
    const text = form.get('find') ?? '';
    const found = own.length > 1 ? await ownPatients(store, own) : await findPatients(store, text);
    return { page: pickPatientPage(asked, { ...found, asked: text }) };
  }
  const context = { ...launched, patient: patient.id };
  if (!scopes.includes('launch/encounter') || launched.encounter !== undefined) return { patient, context };
  const encounter = form.get('encounter');
  if (encounter === null) {
    const encounters = await encountersOf(store, patient.id);
    if (encounters.length > 0) return { page: pickEncounterPage(asked, patient.id, encounters) };
  }
  const isKnown = encounter !== null && (await isEncounterOf(store, encounter, patient.id));
  return { patient, context: isKnown ? { ...context, encounter } : context };
}

async function ownPatients(
  store: Choosing['store'],
  own: readonly string[],
): Promise<{ readonly patients: readonly Choice[]; readonly hasMore: boolean }> {
  const found = await Promise.all(own.map((id) => patientChoice(store, id)));
  return { patients: found.filter((one) => one !== undefined), hasMore: false };
}

interface Consented {
  readonly account: Account;
  readonly scopes: readonly string[];
  readonly context: LaunchContext;
  readonly form: URLSearchParams;
}

/** Keeps what was allowed. Who the user is and what is open goes with whatever is allowed at all. */
async function grant(asked: Asked, { account, scopes, context, form }: Consented): Promise<void> {
  const { server, provider, client, interaction } = asked;
  const checked = new Set(form.getAll('scope').flatMap((value) => value.split(' ')));
  const allowed = scopes.filter((scope) => checked.has(scope));
  // What cannot be granted at all is refused, too, else it would be asked for again.
  const refused = String(interaction.params['scope'])
    .split(' ')
    .filter((scope) => !allowed.includes(scope));
  if (allowed.length === 0) return refuse(asked, 'access_denied', 'the user allowed nothing of it');
  const made = new provider.Grant({ accountId: account.id, clientId: client.clientId });
  made.addOIDCScope(allowed.join(' '));
  made.addResourceScope(server.base, allowed.join(' '));
  if (refused.length > 0) {
    made.rejectOIDCScope(refused.join(' '));
    made.rejectResourceScope(server.base, refused.join(' '));
  }
  const isOnline = isForSession(allowed);
  const grantId = await made.save();
  const expires = Date.parse(server.now()) + (isOnline ? lasts.session : lasts.grant) * 1000;
  await keepContext(server.records, grantId, context, expires);
  const session = isOnline ? interaction.session?.uid : undefined;
  const app = {
    grant: grantId,
    client: client.clientId,
    since: server.now(),
    ...(context.patient === undefined ? {} : { patient: context.patient }),
    ...(session === undefined ? {} : { session }),
  };
  await keepGranted(server.records, account.id, app, expires);
  await server.tell({
    ...{ e: 'consent', s: '0', a: addressIn(asked.response), c: client.clientId },
    ...{ u: account.id, f: account.users[0], d: allowed.join(' ') },
  });
  return finish(asked, { consent: { grantId } });
}
