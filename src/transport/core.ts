import { createHash, randomUUID } from 'node:crypto';
import { allowedUrl, loginOf, secretOf } from './allowed.ts';
import { callPartner, refuseStatus } from './call.ts';
import { readMultipart } from './multipart.ts';
import {
  checkName,
  TransportFault,
  type Allowed,
  type Transport,
  type Waiting,
  type Way,
} from './transport.ts';

const ruleVersion = '2.2.0';
const mixed = 'X12_005010_Request_Batch_Mixed';
const received = 'X12_Payload_ReceivedConfirmation';

/** The fields of the envelope, each a part of a multipart/form-data body. */
type Envelope = Readonly<Record<string, string>>;

interface Answered {
  readonly fields: Envelope;
  readonly payload: Buffer | undefined;
}

/**
 * The HTTP MIME multipart envelope of the CAQH CORE connectivity rules, batch mode: a POST each to hand a payload over,
 * to pick one up, and to confirm what was picked up. A payload that was handed over cannot be looked for.
 */
export async function openCore(way: Way, allowed: Allowed): Promise<Transport> {
  const url = allowedUrl(way, ['https:', 'http:'], allowed);
  const login = loginOf(await secretOf(way, allowed));
  const ask = (fields: Envelope, payload?: Uint8Array): Promise<Answered> =>
    exchange({ url, way, allowed, login }, fields, payload);
  const pickedUp = new Map<string, Buffer>();
  return {
    stage: (name) => Promise.resolve(name).then(checkName),
    handOver: async (name, bytes) => {
      checkName(name);
      await ask({ PayloadType: mixed, PayloadID: idOf(name) }, bytes);
    },
    look: () => Promise.resolve('cannot-tell'),
    list: () => pickUp(way, ask, pickedUp),
    fetch: async function* (name) {
      const found = await Promise.resolve(pickedUp.get(name));
      if (!found) throw new TransportFault('refused', 'the payload was not picked up by this connection');
      yield found;
    },
    archive: async (name) => {
      if (!pickedUp.delete(name)) return;
      await ask({ PayloadType: received, PayloadID: name.replace(/\.x12$/, '') });
    },
    fail: () => Promise.resolve(), // not confirmed: the partner keeps it
    close: () => Promise.resolve(),
  };
}

/** The same id whenever the same is handed over: a partner that has it can tell. */
function idOf(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `5${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}

async function pickUp(
  { pickup }: Way,
  ask: (fields: Envelope) => Promise<Answered>,
  pickedUp: Map<string, Buffer>,
): Promise<Waiting[]> {
  const found: Waiting[] = [];
  for (const PayloadType of pickup) {
    const { fields, payload } = await ask({ PayloadType, PayloadID: randomUUID() });
    if (!payload || payload.length === 0) continue; // nothing of this type waits
    const id = fields['PayloadID'] ?? '';
    if (!/^[A-Za-z0-9-]{1,64}$/.test(id))
      throw new TransportFault('refused', 'the partner gave a payload without a plain PayloadID');
    const name = `${id}.x12`;
    pickedUp.set(name, payload);
    found.push({ name, size: payload.length, modified: 0 });
  }
  return found;
}

interface Line {
  readonly url: URL;
  readonly way: Way;
  readonly allowed: Allowed;
  readonly login: { readonly user: string; readonly password: string };
}

async function exchange(
  { url, way, allowed, login }: Line,
  fields: Envelope,
  payload: Uint8Array | undefined,
): Promise<Answered> {
  const form = new FormData();
  const all: Envelope = {
    ...fields,
    ProcessingMode: 'Batch',
    TimeStamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    UserName: login.user,
    Password: login.password,
    SenderID: way.sender,
    ReceiverID: way.receiver,
    CORERuleVersion: ruleVersion,
  };
  for (const [name, value] of Object.entries(all)) form.set(name, value);
  if (payload) {
    form.set('PayloadLength', String(payload.length));
    form.set('CheckSum', createHash('sha1').update(payload).digest('hex'));
    form.set('Payload', new Blob([Buffer.from(payload)], { type: 'application/EDI-X12' }), 'payload.x12');
  }
  const sent = new Response(form);
  const body = Buffer.from(await sent.arrayBuffer());
  const headers = { 'content-type': sent.headers.get('content-type') ?? '' };
  const called = await callPartner(url, { method: 'POST', headers, body }, way, allowed);
  refuseStatus(called);
  return readAnswer(called.type, called.body);
}

function readAnswer(type: string, body: Buffer): Answered {
  const parts = readMultipart(type, body);
  const fields: Record<string, string> = {};
  for (const [name, value] of parts) if (name !== 'Payload') fields[name] = value.toString('utf8');
  if (fields['ErrorCode'] !== 'Success')
    throw new TransportFault('refused', 'the partner refused the payload: its ErrorCode is not Success');
  return { fields, payload: parts.get('Payload') };
}
