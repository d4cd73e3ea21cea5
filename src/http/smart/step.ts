import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Interaction, InteractionResults, Provider } from 'oidc-provider';
import { addressIn } from '../exchange.ts';
import type { Account } from './accounts.ts';
import { promptAdded } from './authorizeRequest.ts';
import { chooseContext, launchedContext, type Chosen } from './chooseContext.ts';
import { isOfOurPage, isProof, proofOf, readForm, sendPage } from './forms.ts';
import { keepGranted } from './grants.ts';
import { keepContext, type LaunchContext } from './launchContext.ts';
import { consentPage } from './page/consent.ts';
import { originOf, type Page } from './page/html.ts';
import { pickEncounterPage, pickPatientPage } from './page/pick.ts';
import { problemPage } from './page/problem.ts';
import { languageOf, type Language } from './page/text.ts';
import { lasts } from './lasts.ts';
import { rememberedGrant } from './rememberedGrant.ts';
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
  const { server, interaction, client, response } = asked;
  const account = await server.accounts.byId(interaction.session?.accountId ?? '');
  if (!account || account.isLocked === true) return refuse(asked, 'access_denied', 'the account is not open');
  const scopes = requestedScopes(asked);
  const of = { launch: interaction.params['launch'], client: client.clientId, account: account.id };
  const launched = await launchedContext(server, of);
  if (launched === undefined)
    return refuse(asked, 'invalid_request', 'the launch is unknown, or has expired');
  const chosen = await chooseContext(server, { account, scopes, launched, form });
  if (chosen.is === 'unseen')
    return refuse(asked, 'access_denied', 'the launch is for a patient who is not seen');
  if (chosen.is !== 'chosen') {
    sendPage(response, choicePage(asked, chosen));
    return undefined;
  }
  const { patient, context } = chosen;
  if (form.get('do') === 'allow') return grant(asked, { account, scopes, context, form });
  const remembered = asksAnyway(interaction)
    ? undefined
    : await rememberedGrant(server, {
        ...{ provider: asked.provider, client, account: account.id, session: interaction.session?.uid },
        ...{ scopes, context },
      });
  if (remembered !== undefined) return finish(asked, { consent: { grantId: remembered } });
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

function choicePage(asked: Asked, chosen: Exclude<Chosen, { is: 'chosen' | 'unseen' }>): Page {
  if (chosen.is === 'ask encounter') return pickEncounterPage(asked, chosen.patient.id, chosen.encounters);
  return pickPatientPage(asked, { ...chosen.found, asked: chosen.asked });
}

/** Whether the app itself asked that the person be asked (`prompt=consent`). */
const asksAnyway = ({ params: { prompt, [promptAdded]: added } }: Interaction): boolean =>
  typeof prompt === 'string' && prompt.split(' ').includes('consent') && added === undefined;

/** The scopes that were asked for and can be granted to this app. */
function requestedScopes({ interaction, client, server }: Asked): string[] {
  const scope = interaction.params['scope'];
  return grantable(typeof scope === 'string' ? scope : '', {
    parse: (one) => parseScope(one, server.store.registry),
    isSystem: false,
    allowed: client.smart_scope,
  });
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
