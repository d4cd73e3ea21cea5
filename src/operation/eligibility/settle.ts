import type { Coverage, CoverageEligibilityResponse } from '@medplum/fhirtypes';
import { memberNumberOf, memberOf } from '../../billing/eligibility/corrections.ts';
import { mayAskAgain, resultOf } from '../../billing/eligibility/result.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import { askingKey, askingKind, focalOf, keepAttempt, type Asking, type Request } from './asking.ts';
import { proposeCorrections } from './propose.ts';
import { recordEligibility, type Response } from './recordEligibility.ts';

interface Said {
  readonly response: CoverageEligibilityResponse;
  readonly hash?: string; // of what it says
  readonly member?: string; // the number by which it names the member, where it says nothing else
  readonly asking?: Asking | undefined; // the job that asked
  readonly reason?: string; // why it is no answer, where that is not for the payer to say
}

/** Pauses until a payer that could not answer is asked again: 1 s, 8 s, a minute, nine, 68. */
const pauseFirst = 1000;
const pauseGrows = 8;

/** Keeps an answer, and sees to what follows: asking again, Tasks, corrections proposed. */
export async function settle(call: Call, request: Request, said: Said): Promise<Response> {
  const { asking, response: given } = said;
  const { response, isNew } = await recordEligibility(call, request, given, said.hash);
  if (asking && asking.left > 0 && mayAskAgain(response)) await askAgain(call, asking);
  else if (isNew || resultOf(response) === 'not-answered') await review(call, request, response, said);
  return response;
}

/** Asks once more after a pause; the answer before stays as it is. */
export async function askAgain({ context, tx }: Call, asking: Asking): Promise<void> {
  const [request = ''] = asking.request.split('/_history/');
  const next: Asking = { ...asking, attempt: asking.attempt + 1, left: asking.left - 1 };
  const pause = pauseFirst * pauseGrows ** Math.min(4, asking.attempt - 1);
  await keepAttempt(tx, request, next.attempt);
  await tx.jobs.enqueue({
    ...{ key: askingKey(request, next.attempt), kind: askingKind, payload: JSON.stringify(next) },
    due: Date.parse(context.now()) + pause,
  });
}

/** Work that an answer leaves: one that is none, a coverage that is not active, one that the payer has otherwise. */
async function review(
  call: Call,
  request: Request,
  response: Response,
  { reason, member: named = '' }: Said,
): Promise<void> {
  const { tx } = call;
  const focus = referenceText(request);
  const practice = parseReference(request.provider?.reference);
  const of = {
    focus,
    ...(request.patient.reference?.startsWith('#') === true ? {} : { patient: request.patient.reference }),
    ...(practice?.type === 'Organization' ? { practice: `Organization/${practice.id}` } : {}),
  };
  const result = resultOf(response);
  const unanswered = taskKey('eligibility-unanswered', focus);
  if (result === 'not-answered' && (reason !== undefined || mayAskAgain(response))) {
    const text =
      reason === undefined
        ? 'the payer did not say whether the coverage is active: ask it by telephone, or $submit asks again'
        : `the answer of the payer is not taken over: ${reason}`;
    await raiseTask(call, { ...of, code: 'eligibility-unanswered', detail: '', text });
    return;
  }
  const open = await holderOf(tx, unanswered);
  if (open?.status === 'requested') await closeTask(call, open);
  const found = await resolve<Coverage>(tx, 'Coverage', focalOf(request)?.coverage);
  const coverage = found?.id === undefined ? undefined : changed(found, { id: found.id });
  const member = memberOf(response) || named;
  const rejected = (response.error ?? []).map(({ code }) => codeOf(code, system.x12RejectReason) ?? '');
  const codes = [...new Set(rejected.filter((code) => code !== ''))].join(', ');
  const isElse = member !== '' && coverage !== undefined && memberNumberOf(coverage) !== member;
  const works: (readonly [detail: string, text: string])[] = [
    ...(codes === ''
      ? []
      : [[codes, `the payer does not say all that was asked (${codes}): mend it and ask again`] as const]),
    ...(result === 'inactive'
      ? [['inactive', 'the payer says that the coverage is not active: look for another one'] as const]
      : []),
    ...(result === 'not-answered' && isElse
      ? [['member', 'the payer knows the member by another number: correct the Coverage'] as const]
      : []),
  ];
  for (const [detail, text] of works)
    await raiseTask(call, { ...of, code: 'eligibility-review', detail, text });
  await proposeCorrections(call, { request, response, coverage });
}
