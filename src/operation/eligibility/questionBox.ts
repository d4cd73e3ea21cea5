import type { Endpoint } from '@medplum/fhirtypes';
import { eligibilityGuide, inquirySet, type Problem } from '../../billing/eligibility/inquiry270.ts';
import { resolve } from '../../interaction/repository.ts';
import { versionText } from '../../datatypes/reference.ts';
import type { EligibilityQuestion, QuestionBox } from '../../gateway/gateway.ts';
import type { Handler } from '../../job/queue.ts';
import type { Transaction } from '../../store/store.ts';
import { writeInterchange, type SetToWrite } from '../../x12/write.ts';
import { headerOf, type SentSet } from '../partner/compose.ts';
import { enqueueOutgoing, fixed } from '../partner/interchangeJob.ts';
import { gatherInterchange, keepInterchange } from '../partner/keepInterchange.ts';
import { keep, kept } from '../partner/kept.ts';
import { takeNumbers } from '../partner/numbers.ts';
import { raisePartnerTask } from '../partner/partnerTask.ts';
import { keepSent } from '../partner/sentIndex.ts';
import { faultOfPartner, idsOf, partnerOf, type Partner } from '../partner/tradingPartner.ts';
import { startWatch } from '../partner/watchJob.ts';
import type { OperationContext } from '../operation.ts';
import { questionOf, type Asking } from './asking.ts';

/** Which questions are in the batch of a partner that is open. */
interface Open {
  readonly batch: number; // rises by one with each that is closed
  readonly count: number;
}
interface Batch {
  readonly endpoint: string; // Endpoint/1
  readonly batch: number;
}

export const questionBatchKind = 'x12-questions';
const openKey = (endpoint: string): string => `${questionBatchKind}|${endpoint}`;
const placeKey = ({ endpoint, batch }: Batch, n: number): string =>
  `${questionBatchKind}|${endpoint}|${batch.toString()}|${n.toString()}`;

/** Questions about eligibility that wait for the next 270 to their trading partner. */
export const questionBox = (context: OperationContext): QuestionBox => ({
  take: async (question) => {
    const { route } = question;
    const endpoint = await resolve<Endpoint>(context.store, 'Endpoint', { reference: route?.endpoint });
    if (!route || !endpoint) return { is: 'refused', reason: 'its trading partner is not here any more' };
    const partner = partnerOf(endpoint);
    const fault = faultOfPartner(partner) ?? faultOf(question);
    if (fault !== undefined) return { is: 'refused', reason: fault };
    await context.store.transaction((tx) => wait(context, tx, partner, question));
    return { is: 'awaited' };
  },
});

/** Why a question cannot be written as a 270. */
function faultOf(question: EligibilityQuestion): string | undefined {
  const { problems } = setOf(question, { on: question.on, time: '0000' });
  const refuses = problems.filter((one: Problem) => one.refuses === true).map(({ text }) => text);
  return refuses.length === 0 ? undefined : refuses.join('; ');
}

const setOf = (
  { request, parties, trace, route }: EligibilityQuestion,
  at: { readonly on: string; readonly time: string },
) => inquirySet({ request, known: parties, trace, ...(route ? { payerId: route.payerId } : {}) }, at);

/** A question that somebody waits for leaves at once, with those that wait already; others after a while. */
async function wait(
  context: OperationContext,
  tx: Transaction,
  { endpoint, batchClaims, batchSeconds }: Partner,
  { request, trace, payer, on, isUrgent, route }: EligibilityQuestion,
): Promise<void> {
  await tx.lock(openKey(endpoint));
  const { batch, count } = (await kept<Open>(tx, openKey(endpoint))) ?? { batch: 1, count: 0 };
  const n = count + 1;
  const asking: Asking = {
    ...{ request: versionText(request), trace, gateway: 'x12', payer, on, attempt: 0, left: 0, isUrgent },
    ...(route ? { route } : {}),
  };
  await keep(tx, placeKey({ endpoint, batch }, n), asking);
  const isFull = n >= batchClaims;
  await keep(tx, openKey(endpoint), isFull ? { batch: batch + 1, count: 0 } : { batch, count: n });
  const now = Date.parse(context.now());
  const why = isFull || isUrgent ? 'now' : 'time';
  const payload = JSON.stringify({ endpoint, batch, ...(isFull ? { count: n } : {}) });
  const key = `${questionBatchKind}|${endpoint}|${batch.toString()}|${why}`;
  const due = why === 'now' ? now : now + batchSeconds * 1000;
  await tx.jobs.enqueue({ key, kind: questionBatchKind, payload, due });
}

/** Closes a batch: what comes later is in the next. Answers how many questions it has; 0 when it was closed before. */
async function close(tx: Transaction, { endpoint, batch, count }: Batch & Partial<Open>): Promise<number> {
  if (count !== undefined) return count;
  await tx.lock(openKey(endpoint));
  const open = await kept<Open>(tx, openKey(endpoint));
  if (open?.batch !== batch) return 0;
  await keep(tx, openKey(endpoint), { batch: batch + 1, count: 0 });
  return open.count;
}

/** Writes the 270 of a batch, keeps it and hands it to whoever sends interchanges, in one transaction. */
export const questionBatch = (context: OperationContext): Handler => ({
  kind: questionBatchKind,
  run: async (lease) => {
    const of = JSON.parse(lease.job.payload) as Batch & Partial<Open>;
    await context.store.transaction(async (tx) => {
      const endpoint = await resolve<Endpoint>(tx, 'Endpoint', { reference: of.endpoint });
      if (!endpoint) throw new Error(`${of.endpoint} is not there`);
      const count = await close(tx, of);
      if (count > 0) await write(context, tx, partnerOf(endpoint), { batch: of, count });
      await tx.jobs.change(lease, { state: 'done' });
    });
    return undefined;
  },
  giveUp: (tx, lease) => {
    const { endpoint, batch } = JSON.parse(lease.job.payload) as Batch;
    return raisePartnerTask(context, tx, {
      ...{ code: 'transmission', endpoint, detail: `questions ${batch.toString()}` },
      text: 'questions about eligibility wait for a trading partner and cannot be written: mend its Endpoint',
    });
  },
});

async function write(
  context: OperationContext,
  tx: Transaction,
  partner: Partner,
  { batch, count }: { readonly batch: Batch; readonly count: number },
): Promise<void> {
  const numbers = await takeNumbers(tx, idsOf(partner), {
    groups: 1,
    sets: count,
    first: partner.firstNumber,
  });
  const sealed = fixed(context, partner, numbers);
  const { date, time } = sealed;
  const on = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
  const toWrite: SetToWrite[] = [];
  const sent: SentSet[] = [];
  for (let n = 1; n <= count; n++) {
    const asking = await kept<Asking>(tx, placeKey(batch, n));
    if (!asking) continue;
    const { set: content } = setOf(await questionOf(tx, asking), { on, time });
    const set = String(numbers.set + toWrite.length).padStart(4, '0');
    toWrite.push({ controlNumber: set, set: '270', convention: eligibilityGuide, content });
    sent.push({ group: String(numbers.group), set, reference: asking.trace, claims: [], asks: true });
  }
  if (toWrite.length === 0) return;
  const group = {
    ...{ functionalGroup: 'HS', sender: partner.groupSender, receiver: partner.groupReceiver },
    ...{ controlNumber: numbers.group, version: eligibilityGuide, date, time, sets: toWrite },
  };
  const text = writeInterchange(headerOf(sealed), [group]);
  const gathered = await gatherInterchange(context, Buffer.from(text, 'latin1'));
  const binary = await keepInterchange(context, tx, gathered);
  const ids = idsOf(partner);
  await keepSent(tx, {
    ...{ endpoint: partner.endpoint, ids, number: numbers.interchange, binary, on },
    ...{ sets: sent, acknowledged: {} },
  });
  await enqueueOutgoing(tx, { ...sealed, is: 'written', binary });
  await startWatch(context, tx, { ...sealed, is: 'inquiries' });
}
