import type {
  Binary,
  Bundle,
  Claim,
  DocumentReference,
  Endpoint,
  Organization,
  Resource,
} from '@medplum/fhirtypes';
import { claimBundle, transmissionUrn } from '../../billing/submission/claimBundle.ts';
import { dateInZone } from '../../datatypes/date.ts';
import { changed, parseJson, toJson, without } from '../../datatypes/json.ts';
import { parseReference, referenceText, versionText } from '../../datatypes/reference.ts';
import type { Transmission } from '../../gateway/gateway.ts';
import { parsed, resolve } from '../../interaction/repository.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import type { FhirOutbox, FhirPrepared, FhirUnsendable } from '../../gateway/gateway.ts';
import type { OperationContext } from '../operation.ts';
import { readSent } from '../submission/readSent.ts';
import { transmissionKey } from '../uniqueKey.ts';
import { keep, kept } from './kept.ts';
import { fhirGatewayCode, payerServerOf } from './payerServer.ts';

/** What is kept of a claim to a FHIR server. */
interface Fixed {
  readonly endpoint: string; // Endpoint/1
  readonly claim: string; // Claim/1/_history/2
  readonly address: string; // of the Endpoint when it was fixed
  readonly bundle: string; // JSON, as it is sent each time
  readonly posted?: number; // epoch milliseconds of the last post that may have arrived
  readonly postedEarlier?: number; // of the one before it, while that is under way
  readonly received?: boolean;
}

const documentsMax = 8 * 1024 * 1024;

/** Claims to the FHIR servers of payers, in the store of the practice. */
export const fhirOutbox = (context: OperationContext): FhirOutbox => ({
  prepare: async (transmission) => {
    const { store } = context;
    const known = await kept<Fixed>(store, transmissionKey(transmission.id));
    if (known) return preparedOf(context, transmission.id, known);
    const endpoint = await endpointOf(store, transmission);
    if (!endpoint) return gone(false);
    const bundle = await bundleOf(context, transmission, payerServerOf(endpoint).isTest);
    if ('reason' in bundle) return bundle;
    const fixed: Fixed = {
      endpoint: referenceText(endpoint),
      address: endpoint.address,
      claim: versionText(transmission.claim),
      bundle: toJson(bundle),
    };
    const first = await store.transaction(async (tx) => {
      const key = transmissionKey(transmission.id);
      await tx.lock(key);
      const before = await kept<Fixed>(tx, key);
      if (!before) await keep(tx, key, fixed);
      return before ?? fixed;
    });
    return preparedOf(context, transmission.id, first);
  },
  prepared: async (id) => {
    const known = await kept<Fixed>(context.store, transmissionKey(id));
    return known && preparedOf(context, id, known);
  },
  note: (id, what) =>
    context.store.transaction(async (tx) => {
      const key = transmissionKey(id);
      await tx.lock(key);
      const known = await kept<Fixed>(tx, key);
      if (known) await noteIn(tx, key, known, { what, now: Date.parse(context.now()) });
    }),
});

interface Noted {
  readonly what: 'posting' | 'not-arrived' | 'received';
  readonly now: number;
}

async function noteIn(tx: Transaction, key: string, fixed: Fixed, { what, now }: Noted): Promise<void> {
  const { posted, postedEarlier, ...known } = fixed;
  const since = (name: 'posted' | 'postedEarlier', at: number | undefined) =>
    at === undefined ? {} : { [name]: at };
  if (what === 'posting') await keep(tx, key, { ...known, posted: now, ...since('postedEarlier', posted) });
  // an earlier post may still have arrived
  else if (what === 'not-arrived') await keep(tx, key, { ...known, ...since('posted', postedEarlier) });
  else await keep(tx, key, { ...known, ...since('posted', posted), received: true });
}

const gone = (isPosted: boolean): FhirUnsendable => ({
  ...{ reason: 'its payer has no FHIR endpoint any more', isPosted },
});

async function preparedOf(
  context: OperationContext,
  id: string,
  fixed: Fixed,
): Promise<FhirPrepared | FhirUnsendable> {
  const { endpoint: reference, address, claim: named, bundle, posted, received = false } = fixed;
  const { store, now, timeZone, openFhirServer } = context;
  const endpoint = await resolve<Endpoint>(store, 'Endpoint', { reference });
  if (!endpoint) return gone(posted !== undefined);
  if (!openFhirServer) throw new Error('no FHIR server of a payer can be reached: none is set up');
  const [text = '', version] = named.split('/_history/');
  const target = parseReference(text);
  const stored = target && (await store.vread('Claim', target.id, Number(version)));
  if (!target || !stored) throw new Error(`${named} is not there`);
  const { way, look } = payerServerOf(endpoint);
  return {
    id,
    server: openFhirServer(way),
    // an Endpoint that leads elsewhere meanwhile cannot be asked what the server before it has
    look: posted !== undefined && address !== way.address ? 'none' : look,
    claim: changed(parsed<Claim>(stored), { id: target.id }),
    bundle: parseJson(bundle) as Bundle,
    today: dateInZone(now(), timeZone),
    isReceived: received,
    ...(posted === undefined ? {} : { postedBefore: Date.parse(now()) - posted }),
  };
}

/** The Endpoint of the route, else the first of the payer that is a FHIR server. */
async function endpointOf(reader: Reader, { route, payer }: Transmission): Promise<Endpoint | undefined> {
  if (route) return resolve<Endpoint>(reader, 'Endpoint', { reference: route.endpoint });
  const organization = await resolve<Organization>(reader, 'Organization', { reference: payer });
  for (const pointer of organization?.endpoint ?? []) {
    const endpoint = await resolve<Endpoint>(reader, 'Endpoint', pointer);
    const { connectionType } = endpoint ?? {};
    if (connectionType?.system === system.gateway && connectionType.code === fhirGatewayCode) return endpoint;
  }
  return undefined;
}

async function bundleOf(
  { store, publicUrl, now }: OperationContext,
  { id, claim }: Transmission,
  isTest: boolean,
): Promise<Bundle | FhirUnsendable> {
  const parties: Resource[] = [...(await readSent(store, claim)).values()];
  let left = documentsMax;
  for (const { valueReference } of claim.supportingInfo ?? []) {
    const document = await resolve<DocumentReference>(store, 'DocumentReference', valueReference);
    if (!document) continue;
    const whole = await withContent(store, document);
    parties.push(whole);
    left -= toJson(whole).length;
  }
  if (left < 0)
    return { reason: 'the documents of the claim are too large to be sent with it', isPosted: false };
  const identifier = transmissionUrn(id);
  return claimBundle({ claim, parties, base: publicUrl, identifier, timestamp: now(), isTest });
}

/** A document with what is in it, where that is a Binary of ours: the payer cannot fetch it. */
async function withContent(reader: Reader, document: DocumentReference): Promise<DocumentReference> {
  const content: DocumentReference['content'] = [];
  for (const part of document.content) {
    const isOurs = parseReference(part.attachment.url)?.type === 'Binary';
    const binary =
      isOurs && (await resolve<Binary>(reader, 'Binary', { reference: part.attachment.url ?? '' }));
    if (!binary || binary.data === undefined) content.push(part);
    else {
      const { contentType, data } = binary;
      content.push(
        changed(part, { attachment: changed(without(part.attachment, 'url'), { contentType, data }) }),
      );
    }
  }
  return changed(document, { content });
}
