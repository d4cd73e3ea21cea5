import { createHash } from 'node:crypto';
import type { Coverage, CoverageEligibilityRequest, Patient } from '@medplum/fhirtypes';
import { readAnswer271, segmentText, type EligibilityAnswer } from '../../billing/eligibility/answer271.ts';
import { responseOf } from '../../billing/eligibility/response.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { warning, type Issue } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';
import { segmentsWithin, type Placed } from '../../x12/loop.ts';
import { element } from '../../x12/segment.ts';
import type { Call, OperationContext } from '../operation.ts';
import { inboundOf } from '../partner/receive.ts';
import { laterCall } from '../submission/laterCall.ts';
import { askingKey, lastAttempt, type Asking, type Request } from './asking.ts';
import { settle } from './settle.ts';
import type { ReceivedSet, SetHandler } from '../x12/handler.ts';
import { tell } from '../x12/tell.ts';

interface Taking {
  readonly received: ReceivedSet;
  readonly on: string; // that the file says
  readonly made: string[];
  readonly issues: Issue[];
}

/** As an extension x12-position names a file. */
const hashLength = 12;

/**
 * 271: what a payer says of eligibility becomes an answer to the request that its trace number (TRN02), or BHT03 where it
 * speaks of nobody, names. Every answer is kept; the same one again changes nothing.
 */
export const take271: SetHandler = async (context, received) => {
  const { on } = inboundOf(received.isa, received.interchange);
  const taking: Taking = { received, on, made: [], issues: [] };
  for await (const part of received.parts())
    for (const level of part.kind === 'unit' ? [part] : part.bare) await takeLevel(context, taking, level);
  return { made: taking.made, issues: taking.issues };
};

async function takeLevel(context: OperationContext, taking: Taking, level: Placed): Promise<void> {
  const content = [...segmentsWithin(level.loop)].map(segmentText).join('~');
  for (const [n, answer] of readAnswer271(level).entries())
    await context.store.transaction(async (tx) => {
      const call = laterCall(context, tx, taking.on);
      const hash = createHash('sha256').update(`${n.toString()}|${content}`).digest('hex');
      await takeAnswer(call, taking, { answer, hash });
    });
}

interface Answered {
  readonly answer: EligibilityAnswer;
  readonly hash: string; // of what it says
}

async function takeAnswer(call: Call, taking: Taking, { answer, hash }: Answered): Promise<void> {
  const { tx } = call;
  const { received, on, made, issues } = taking;
  const request = await requestOf(tx, answer);
  if (!request) return unmatched(call, taking, answer, 'is the answer to no request that is here');
  if (await isOther(tx, request, answer))
    return unmatched(call, taking, answer, `speaks of another person than ${referenceText(request)}`);
  const place = `${received.sha256.slice(0, hashLength)}|${element(received.st, 2)}`;
  const response = await settle(call, request, {
    response: responseOf(request, answer, { place, on }),
    hash,
    member: answer.member,
    asking: await askingOf(tx, request),
  });
  made.push(referenceText(response));
  if (response.outcome === 'error')
    issues.push(
      warning('eligibility-refused', 'Binary', `${referenceText(response)} says why nothing is said`),
    );
}

/** The job that asked; a request may have been asked by others. */
async function askingOf(tx: Call['tx'], request: Request): Promise<Asking | undefined> {
  const name = referenceText(request);
  const attempt = await lastAttempt(tx, name);
  const job = attempt === 0 ? undefined : await tx.jobs.read(askingKey(name, attempt));
  return job && (JSON.parse(job.payload) as Asking);
}

/** The request that an answer names; undefined where none or several have its number. */
async function requestOf(
  reader: Reader,
  { traces, reference }: EligibilityAnswer,
): Promise<Request | undefined> {
  for (const number of [...traces, reference]) {
    if (number === '') continue;
    const found = await find<CoverageEligibilityRequest>(reader, 'CoverageEligibilityRequest', {
      identifier: `${system.trace}|${number}`,
    });
    const [only] = found;
    if (found.length === 1 && only?.id !== undefined) return changed(only, { id: only.id });
  }
  return undefined;
}

/** Whether neither the member number nor the day of birth is the one that was asked for. */
async function isOther(
  reader: Reader,
  request: Request,
  { born, member, isDependent }: EligibilityAnswer,
): Promise<boolean> {
  const patient = await resolve<Patient>(reader, 'Patient', request.patient);
  const coverage = await coverageOf(reader, request);
  const isBornElse = born !== undefined && patient?.birthDate !== undefined && patient.birthDate !== born;
  const asked = coverage?.subscriberId;
  const isMemberElse = member !== '' && asked !== undefined && asked !== member;
  return isBornElse && (isMemberElse || isDependent);
}

function coverageOf(reader: Reader, { insurance }: Request): Promise<Coverage | undefined> {
  const found = insurance?.find(({ focal }) => focal === true) ?? insurance?.[0];
  return resolve<Coverage>(reader, 'Coverage', found?.coverage);
}

async function unmatched(
  { context, tx }: Call,
  { received, issues }: Taking,
  { rejections, benefits }: EligibilityAnswer,
  what: string,
): Promise<void> {
  const position = benefits[0]?.position ?? rejections[0]?.position ?? received.position;
  const text = `a 271 that came in ${what}: see to it by hand`;
  await tell(context, tx, { binary: received.interchange, detail: `segment ${position.toString()}`, text });
  issues.push(warning('eligibility-unknown', 'Binary', `segment ${position.toString()}: ${what}`));
}
