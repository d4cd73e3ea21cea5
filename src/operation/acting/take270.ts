import type {
  Coverage,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Organization,
  Patient,
  Resource,
} from '@medplum/fhirtypes';
import { eligibilityGuide } from '../../billing/eligibility/inquiry270.ts';
import { readInquiry270 } from '../../billing/eligibility/read270.ts';
import { answerSet271 } from '../../billing/eligibility/writeAnswer271.ts';
import { dateInZone } from '../../datatypes/date.ts';
import { concept } from '../../datatypes/coding.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, referenceTo } from '../../datatypes/reference.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { warning } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Loop, Placed } from '../../x12/loop.ts';
import { readQuestion, type Request } from '../eligibility/asking.ts';
import { receiveRequest } from '../eligibility/receiveRequest.ts';
import { recordEligibility } from '../eligibility/recordEligibility.ts';
import type { OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { laterCall } from '../submission/laterCall.ts';
import { clockOf } from '../x12/answers.ts';
import type { Handled, ReceivedSet, SetHandler } from '../x12/handler.ts';
import { tell } from '../x12/tell.ts';
import { memberHere, type Member } from './member.ts';
import { askerHere, roleOf, type PayerRole } from './payerRole.ts';
import { reply } from './reply.ts';

/** So many members are answered in one interchange. */
const membersInOne = 200;

/**
 * 270: a provider asks the payer that this server acts for. Each question is kept as a request with its parties contained,
 * answered by the payer's own books, and the 271 goes back to whoever asked. One to another payer is told to a person.
 */
export const take270: SetHandler = async (context, received): Promise<Handled> => {
  const made: string[] = [];
  let contents: { readonly content: Loop; readonly reference: string }[] = [];
  let [part, strangers] = [0, 0];
  const send = async (): Promise<void> => {
    if (contents.length === 0) return;
    const group = { set: '271', functionalGroup: 'HB', version: eligibilityGuide } as const;
    made.push(await reply(context, received, { ...group, contents, part }));
    contents = [];
    part += 1;
  };
  for await (const unit of received.parts()) {
    if (unit.kind !== 'unit') continue;
    const answered = await answerLevel(context, unit);
    if (!answered) {
      strangers += 1;
      continue;
    }
    made.push(...answered.made);
    contents.push(answered);
    if (contents.length >= membersInOne) await send();
  }
  await send();
  return strangers === 0 ? { made } : notOurs(context, received, { made, strangers });
};

/** Questions to a payer that nobody plays here. */
async function notOurs(
  context: OperationContext,
  received: ReceivedSet,
  { made, strangers }: { readonly made: readonly string[]; readonly strangers: number },
): Promise<Handled> {
  const detail = `set ${received.position.toString()}`;
  const text = `${strangers.toString()} questions about eligibility (270) are to a payer that nobody answers for here`;
  await context.store.transaction((tx) =>
    tell(context, tx, { binary: received.interchange, detail, text: `${text}: see to it by hand` }),
  );
  return { made, issues: [warning('set-unhandled', 'Binary', `${detail}: ${text}`)] };
}

interface Answered {
  readonly content: Loop;
  readonly reference: string;
  readonly made: readonly string[];
}

/** The set of the 271 to one level of the 270; undefined where its payer is not ours. */
async function answerLevel(context: OperationContext, asked: Placed): Promise<Answered | undefined> {
  const answers: CoverageEligibilityResponse[] = [];
  const made: string[] = [];
  let reference = '';
  for (const request of readInquiry270(asked)) {
    const answer = await answerOne(context, request);
    if (!answer) return undefined;
    answers.push(answer);
    made.push(referenceText(answer));
    reference ||= identifierOf(request, system.trace) ?? '';
  }
  const { date, time } = clockOf(context);
  const on = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
  return { content: answerSet271({ asked, answers }, { on, time }), reference, made };
}

interface Begun {
  readonly request: Request;
  readonly role: PayerRole;
  readonly member: Member | undefined;
}

/** Keeps a question, asks the payer's books outside of the transaction, and keeps what they say. */
async function answerOne(
  context: OperationContext,
  asked: CoverageEligibilityRequest,
): Promise<CoverageEligibilityResponse | undefined> {
  const on = dateInZone(context.now(), context.timeZone);
  const activity = { activity: 'a question of a provider', byServer: true } as const;
  const begun = await context.store.transaction((tx) =>
    traced(context, tx, activity, async (): Promise<Begun | undefined> => {
      const call = laterCall(context, tx, on);
      const inside = <T extends Resource>(id: string): T | undefined =>
        asked.contained?.find((one): one is T & Resource => one.id === id);
      const provider = await askerHere(call, inside('provider'));
      const role = await roleOf(call, { payer: inside<Organization>('payer'), provider });
      if (!role) return undefined;
      const member = await memberHere(tx, {
        payer: role.payer,
        ...{ patient: inside<Patient>('patient'), coverage: inside<Coverage>('coverage') },
      });
      const dated = asked.created === '' ? changed(asked, { created: on }) : asked;
      return { request: await receiveRequest(call, dated), role, member };
    }),
  );
  if (!begun) return undefined;
  const said = await saidOf(context, begun, on);
  return context.store.transaction((tx) =>
    traced(context, tx, activity, async () => {
      const call = laterCall(context, tx, on);
      return (await recordEligibility(call, begun.request, said)).response;
    }),
  );
}

/** Subscriber not found; patient of a subscriber not found; unable to respond. */
const unknown = { subscriber: '75', dependent: '67' } as const;
const unable = '42';

/** What the payer says. Of a member it does not have, it says the same whatever part of the question is wrong. */
async function saidOf(
  context: OperationContext,
  { request, role, member }: Begun,
  on: string,
): Promise<CoverageEligibilityResponse> {
  const isDependent = request.contained?.some(({ id }) => id === 'subscriber') === true;
  if (!member) return refusedWith(request, unknown[isDependent ? 'dependent' : 'subscriber'], on);
  try {
    const question = await readQuestion(context.store, request);
    const said = await role.gateway.askEligibility?.({
      ...{ parties: question.parties, coverage: member.coverage },
      request: changed(question.request, member.patient ? { patient: member.patient } : {}),
      ...{ trace: identifierOf(request, system.trace) ?? '', payer: role.payer, on, isUrgent: true },
    });
    return said?.is === 'answer' ? said.response : refusedWith(request, unable, on);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return refusedWith(request, unable, on);
  }
}

const refusedWith = (request: Request, code: string, on: string): CoverageEligibilityResponse => ({
  ...({ resourceType: 'CoverageEligibilityResponse', status: 'active', outcome: 'error' } as const),
  ...{ purpose: request.purpose, patient: request.patient, insurer: request.insurer, created: on },
  request: referenceTo(request),
  error: [{ code: concept(system.x12RejectReason, code) }],
});
