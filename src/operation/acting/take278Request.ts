import type {
  Bundle,
  Claim,
  ClaimResponse,
  Coverage,
  Organization,
  Patient,
  Resource,
} from '@medplum/fhirtypes';
import { readRequest278 } from '../../billing/authorization/readRequest278.ts';
import { answerSet278, type Said } from '../../billing/authorization/writeAnswer278.ts';
import { dateInZone } from '../../datatypes/date.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { warning } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Loop, Placed } from '../../x12/loop.ts';
import { receiveRequest } from '../authorization/pasRequest.ts';
import { submitAuthorization } from '../authorization/submitAuthorization.ts';
import type { Call, OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { standingAnswer } from '../submission/answers.ts';
import { awaitAnswers, awaiting } from '../submission/awaitAnswers.ts';
import { isBegun, type Begun } from '../submission/handOver.ts';
import { laterCall } from '../submission/laterCall.ts';
import { clockOf } from '../x12/answers.ts';
import type { Handled, ReceivedSet } from '../x12/handler.ts';
import { tell } from '../x12/tell.ts';
import { memberHere } from './member.ts';
import { askerHere, roleOf } from './payerRole.ts';
import { reply } from './reply.ts';

const levelsInOne = 200;
/** Subscriber not found; patient of a subscriber not found; the request cannot be worked with. */
const [unknownSubscriber, unknownDependent, unfit] = ['75', '67', '33'] as const;

/**
 * 278: a provider asks the payer that this server acts for to authorize something (X217), or what was decided (X215). The
 * request is kept and goes to the payer's books as one over PAS does; the answer is a 278. One to another payer is told to
 * a person.
 */
export async function takeRequest278(context: OperationContext, received: ReceivedSet): Promise<Handled> {
  const made: string[] = [];
  let contents: { readonly content: Loop; readonly reference: string }[] = [];
  let [part, strangers] = [0, 0];
  const asks = received.guide.id.startsWith('005010X215');
  const group = { set: '278', functionalGroup: 'HI', version: asks ? '005010X215' : '005010X217' } as const;
  const send = async (): Promise<void> => {
    if (contents.length === 0) return;
    made.push(await reply(context, received, { ...group, contents, part }));
    contents = [];
    part += 1;
  };
  for await (const unit of received.parts()) {
    if (unit.kind !== 'unit') continue;
    const answered = await answerLevel(context, unit, asks);
    if (!answered) {
      strangers += 1;
      continue;
    }
    made.push(...answered.made);
    contents.push(answered);
    if (contents.length >= levelsInOne) await send();
  }
  await send();
  if (strangers === 0) return { made };
  const detail = `set ${received.position.toString()}`;
  const text = 'a request for authorization (278) came in, and nobody decides on those here';
  await context.store.transaction((tx) => tell(context, tx, { binary: received.interchange, detail, text }));
  return { made, issues: [warning('set-unhandled', 'Binary', `${detail}: ${text}`)] };
}

interface Answered {
  readonly content: Loop;
  readonly reference: string;
  readonly made: readonly string[];
}

/** The set that answers one level of the request; undefined where its payer is not ours. */
async function answerLevel(
  context: OperationContext,
  asked: Placed,
  asks: boolean,
): Promise<Answered | undefined> {
  const requests = readRequest278(asked);
  if (requests.length === 0) return undefined;
  const answers: Said[] = [];
  for (const request of requests) {
    const said = await answerOne(context, request, asks);
    if (!said) return undefined;
    answers.push(said);
  }
  const { date, time } = clockOf(context);
  const on = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
  return {
    content: answerSet278({ asked, answers }, { on, time }),
    reference: identifierOf(requests[0], system.trace) ?? '',
    made: answers.flatMap((said) => ('refused' in said ? [] : [referenceText(said)])),
  };
}

type Step = Said | Begun | undefined;

/** Keeps a request and has it decided on, or finds what was decided; the payer is asked outside of the transaction. */
async function answerOne(context: OperationContext, asked: Claim, asks: boolean): Promise<Said | undefined> {
  const on = dateInZone(context.now(), context.timeZone);
  const activity = { activity: 'a question of a provider', byServer: true } as const;
  try {
    const step = await context.store.transaction((tx) =>
      traced(context, tx, activity, async (): Promise<Step> => {
        const call = laterCall(context, tx, on);
        const known = await knownMember(call, asked);
        if (known !== true) return known;
        if (asks) return standing(call, asked);
        const dated = asked.created === '' ? changed(asked, { created: on }) : asked;
        return submitAuthorization(call, await receiveRequest(call, bundleOf(dated), dated));
      }),
    );
    if (!step || 'refused' in step || !('claim' in step)) return step;
    if (!isBegun(step)) return step;
    const answer = await awaitAnswers(context, awaiting([step.claim], false, [step]), false);
    return answer.resourceType === 'ClaimResponse' ? answer : { refused: unfit };
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return { refused: unfit };
  }
}

const inside = <T extends Resource>(claim: Claim, id: string): T | undefined =>
  claim.contained?.find((one) => one.id === id) as T | undefined;

/** True where we act for the payer and it has the member; why not, else; undefined where the payer is not ours. */
async function knownMember(call: Call, asked: Claim): Promise<true | Said | undefined> {
  const provider = await askerHere(call, inside(asked, 'provider'));
  const role = await roleOf(call, { payer: inside<Organization>(asked, 'payer'), provider });
  if (!role) return undefined;
  const member = await memberHere(call.tx, {
    payer: role.payer,
    ...{ patient: inside<Patient>(asked, 'patient'), coverage: inside<Coverage>(asked, 'coverage') },
  });
  if (member) return true;
  const isDependent = inside(asked, 'subscriber') !== undefined;
  return { refused: isDependent ? unknownDependent : unknownSubscriber };
}

/** The parties of a request beside it, as a Bundle of PAS has them. */
const bundleOf = (claim: Claim): Bundle => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [
    { resource: claim },
    ...(claim.contained ?? []).map((resource) => ({ fullUrl: `#${resource.id ?? ''}`, resource })),
  ],
});

/** What was decided on the request of this trace number, where it is of who asks now. */
async function standing({ tx }: Call, asked: Claim): Promise<Said> {
  const trace = identifierOf(asked, system.trace) ?? '';
  const npi = identifierOf(inside<Organization>(asked, 'provider'), system.npi);
  const member = inside<Coverage>(asked, 'coverage')?.subscriberId;
  const found = await find<Claim>(tx, 'Claim', { identifier: `${system.trace}|${trace}` });
  for (const claim of found) {
    if (claim.use !== 'preauthorization' || claim.id === undefined) continue;
    const provider = await resolve<Organization>(tx, 'Organization', {
      reference: unversionedText(claim.provider.reference) ?? '',
    });
    const insurance = claim.insurance.find(({ focal }) => focal) ?? claim.insurance[0];
    const coverage = await resolve<Coverage>(tx, 'Coverage', {
      reference: unversionedText(insurance?.coverage.reference) ?? '',
    });
    if (npi === undefined || identifierOf(provider, system.npi) !== npi) continue;
    if (coverage?.subscriberId !== member) continue;
    const answer: ClaimResponse | undefined = await standingAnswer(tx, `Claim/${claim.id}`);
    if (answer) return answer;
  }
  return { refused: unfit };
}
