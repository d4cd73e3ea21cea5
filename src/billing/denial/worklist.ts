import type { Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import { toMoney } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { addDays } from '../../datatypes/date.ts';
import { referenceTo } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { system } from '../../terminology/system.ts';
import { deniedBy, servicesOf, type Denied } from './denied.ts';
import { nextStep } from './denialGuide.ts';
import { patternsOf } from './odds.ts';

/** A Task to make once: what makes it one piece of work on the claim, and the Task without id. */
export interface Work {
  readonly code: string;
  readonly detail: string;
  readonly task: Task;
}

/** Days to appeal: the shortest of the usual limits (Medicare redetermination). Billing rule 56. */
const appeal_days = 120;
/** Coverage was not in force: look for another payer before the patient is asked. */
const noCoverage = new Set(['26', '27', '31']);

const work = (
  { claim, response }: Answered,
  { code, detail = '' }: { code: string; detail?: string },
  rest: Pick<Task, 'description' | 'reasonCode' | 'restriction' | 'identifier' | 'input'>,
): Work => ({
  code,
  detail,
  task: changed(rest, {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: concept(system.task, code),
    focus: referenceTo(claim),
    for: claim.patient,
    owner: claim.provider,
    authoredOn: response.created,
    reasonReference: referenceTo(response),
  } as const),
});

/** A claim and its answer. */
export interface Answered {
  readonly claim: Claim;
  readonly response: ClaimResponse;
  readonly followed?: boolean; // a further payer's claim was drafted
}

/** What an answer leaves to do: get a document, work a denial (one Task a reason), look for other coverage where none follows. */
export function worklist(answered: Answered): Work[] {
  const { response, followed = false } = answered;
  if (response.outcome === 'queued') return requested(answered);
  const denials = [...deniedBy(response).values()].map((denied) =>
    work(
      answered,
      { code: 'denial', detail: denied.carc },
      {
        description: `Denied with CARC ${denied.carc}${onLines(denied.sequences)}: ${nextStep(denied.carc)}`,
        reasonCode: concept(system.carc, denied.carc),
        restriction: { period: { end: addDays(response.created, appeal_days) } },
        identifier: patterns(answered.claim, denied).map((value) => ({
          system: system.denialPattern,
          value,
        })),
        input: [{ type: concept(system.task, 'denied'), valueMoney: toMoney(denied.amount) }],
      },
    ),
  );
  const [carc] = deniedBy(response, (a) => a.group === 'PR' && noCoverage.has(a.reason)).keys();
  if (carc === undefined || followed) return denials;
  const description =
    'The payer says that coverage was not in force: look for other coverage before the first statement';
  return [
    ...denials,
    work(answered, { code: 'find-coverage' }, { description, reasonCode: concept(system.carc, carc) }),
  ];
}

/** By what the history of such denials is counted. */
const patterns = (claim: Claim, { carc, sequences }: Denied): string[] =>
  patternsOf({
    practice: unversionedText(claim.provider.reference) ?? '',
    payer: unversionedText(claim.insurer?.reference) ?? '',
    carc,
    services: servicesOf(claim, sequences),
  });

const onLines = (sequences: readonly number[]): string =>
  sequences.includes(0) ? '' : ` on line${sequences.length > 1 ? 's' : ''} ${sequences.join(', ')}`;

/** What a queued answer asks for; nothing when nobody answers. */
function requested(answered: Answered): Work[] {
  const [note] = answered.response.processNote?.filter((n) => n.type === 'print') ?? [];
  if (note === undefined) return [];
  const description = `${note.text}. Attach it to the Claim, complete this Task and submit the Claim again`;
  return [work(answered, { code: 'information-requested' }, { description })];
}
