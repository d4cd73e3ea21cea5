import { createHash } from 'node:crypto';
import type { Claim, Coverage, Patient } from '@medplum/fhirtypes';
import { readAnswer278, type AuthorizationAnswer } from '../../billing/authorization/answer278.ts';
import { decidedBy, isPended } from '../../billing/authorization/decided.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { warning, type Issue } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { segmentsWithin, type Placed } from '../../x12/loop.ts';
import { element } from '../../x12/segment.ts';
import type { Call, OperationContext } from '../operation.ts';
import { askPended } from './inquiryJob.ts';
import { answerLock, recordDecision, review } from './recordDecision.ts';
import { keep, kept } from '../partner/kept.ts';
import { takeRequest278 } from '../acting/take278Request.ts';
import { inboundOf } from '../partner/receive.ts';
import { laterCall } from '../submission/laterCall.ts';
import { holderOf, responseKey } from '../uniqueKey.ts';
import type { ReceivedSet, SetHandler } from '../x12/handler.ts';
import { tell } from '../x12/tell.ts';

type Request = Claim & { id: string };

interface Taking {
  readonly received: ReceivedSet;
  readonly on: string; // that the file says
  readonly made: string[];
  readonly issues: Issue[];
}

/** The last answer to a request: what it said, and when it was written by its payer. */
interface Last {
  readonly hash: string;
  readonly saidAt: string;
}

const hashLength = 12;
const lastKey = answerLock;

/**
 * 278: what a payer decides on a prior authorization becomes the answer to the Claim whose trace number (TRN02, BHT03) it
 * names; what it says later is the next version. A request that comes in is for a payer that this server may act for.
 */
export const take278: SetHandler = async (context, received) => {
  const { on } = inboundOf(received.isa, received.interchange);
  const taking: Taking = { received, on, made: [], issues: [] };
  if (received.guide.id.endsWith('-request')) return takeRequest278(context, received);
  for await (const part of received.parts())
    for (const level of part.kind === 'unit' ? [part] : part.bare) await takeLevel(context, taking, level);
  return { made: taking.made, issues: taking.issues };
};

async function takeLevel(context: OperationContext, taking: Taking, level: Placed): Promise<void> {
  const content = [...segmentsWithin(level.loop)].map(({ id, elements }) => [id, ...elements].join('*'));
  for (const [n, answer] of readAnswer278(level).entries())
    await context.store.transaction(async (tx) => {
      const call = laterCall(context, tx, taking.on);
      const hash = createHash('sha256')
        .update(`${n.toString()}|${content.join('~')}`)
        .digest('hex');
      await takeAnswer(call, taking, { answer, hash });
    });
}

interface Answered {
  readonly answer: AuthorizationAnswer;
  readonly hash: string; // of what it says
}

async function takeAnswer(call: Call, taking: Taking, { answer, hash }: Answered): Promise<void> {
  const { context, tx } = call;
  const { received, on, made } = taking;
  const request = await requestOf(tx, answer);
  if (!request) return unmatched(call, taking, answer, 'is the answer to no request that is here');
  if (await isOther(tx, request, answer))
    return unmatched(call, taking, answer, `speaks of another person than ${referenceText(request)}`);
  const claim = referenceText(request);
  await tx.lock(lastKey(claim));
  const last = await kept<Last>(tx, lastKey(claim));
  const earlier = await holderOf(tx, responseKey(claim));
  if (earlier && last?.hash === hash) {
    made.push(referenceText(earlier));
    return;
  }
  if (earlier && last && answer.saidAt < last.saidAt)
    return review(
      call,
      request,
      'an answer to it came after a later one, and changes nothing: see whether it matters',
    );
  const place = `${received.sha256.slice(0, hashLength)}|${element(received.st, 2)}`;
  const trace = traceOf(request);
  const response = decidedBy(request, answer, { place, on, trace });
  const stored = await recordDecision(call, request, response);
  await keep(tx, lastKey(claim), { hash, saidAt: answer.saidAt } satisfies Last);
  made.push(referenceText(stored));
  if (isPended(answer)) await askPended(context, tx, claim);
  if (response.outcome !== 'complete')
    await review(call, request, 'the payer does not say all that was asked: mend the request and ask again');
  else if (isPended(answer) && response.processNote)
    await review(call, request, 'the payer has pended it and says why: see whether it needs something');
}

const traceOf = (claim: Claim): string =>
  identifierOf(claim, system.trace) ?? identifierOf(claim, system.patientControlNumber) ?? '';

/** The prior authorization that an answer names; undefined where none or several have its number. */
async function requestOf(
  reader: Reader,
  { event, services, reference }: AuthorizationAnswer,
): Promise<Request | undefined> {
  const ofServices = services.flatMap(({ traces }) => traces.map((trace) => trace.replace(/-\d{1,3}$/, '')));
  for (const number of new Set([...(event?.traces ?? []), reference, ...ofServices])) {
    if (number === '') continue;
    for (const uri of [system.trace, system.patientControlNumber]) {
      const found = await find<Claim>(reader, 'Claim', { identifier: `${uri}|${number}` });
      const asked = found.filter(({ use, status }) => use !== 'claim' && status !== 'entered-in-error');
      const [only] = asked;
      if (asked.length === 1 && only?.id !== undefined) return changed(only, { id: only.id });
    }
  }
  return undefined;
}

/** Whether neither the member number nor the day of birth is the one that was asked for. */
async function isOther(
  reader: Reader,
  request: Request,
  { born, member, isDependent }: AuthorizationAnswer,
): Promise<boolean> {
  const patient = await resolve<Patient>(reader, 'Patient', request.patient);
  const insurance = request.insurance.find(({ focal }) => focal) ?? request.insurance[0];
  const coverage = await resolve<Coverage>(reader, 'Coverage', insurance?.coverage);
  const isBornElse = born !== undefined && patient?.birthDate !== undefined && patient.birthDate !== born;
  const asked = coverage?.subscriberId;
  return isBornElse && (isDependent || (member !== '' && asked !== undefined && asked !== member));
}

async function unmatched(
  { context, tx }: Call,
  { received, issues }: Taking,
  { event, rejections }: AuthorizationAnswer,
  what: string,
): Promise<void> {
  const position = event?.decision?.position ?? rejections[0]?.position ?? received.position;
  const text = `a 278 that came in ${what}: see to it by hand`;
  await tell(context, tx, { binary: received.interchange, detail: `segment ${position.toString()}`, text });
  issues.push(warning('authorization-unknown', 'Binary', `segment ${position.toString()}: ${what}`));
}
