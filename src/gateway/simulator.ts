import type { Basic, ClaimResponse, CoverageEligibilityResponse } from '@medplum/fhirtypes';
import { changed } from '../datatypes/json.ts';
import { answer, type Records, type Reply } from '../payer/answer.ts';
import { authorize } from '../payer/authorize.ts';
import type { Member } from '../payer/eligibility.ts';
import { answerEligibility } from '../payer/eligibilityAnswer.ts';
import { receive } from '../payer/received.ts';
import { isPendedReview } from '../terminology/pas.ts';
import { system } from '../terminology/system.ts';
import type {
  EligibilityQuestion,
  EligibilitySaid,
  Gateway,
  PayerAnswer,
  Sent,
  Transmission,
} from './gateway.ts';

/** What the simulated payer keeps, open in one transaction under lock of member and payer. */
export interface OpenBooks {
  /** What it answered to this transmission before. */
  answered(): Promise<PayerAnswer | undefined>;
  records(): Promise<Records>;
  keep(answer: PayerAnswer, enrollment: Basic | undefined): Promise<void>;
  reviewed(): Promise<Review | undefined>;
  /** Of a prior authorization: what it says now, and what it will say once a reviewer has seen it. */
  keepReview(review: Review): Promise<void>;
}

/** What is kept of a prior authorization. */
export interface Review {
  readonly said: ClaimResponse;
  readonly later?: ClaimResponse; // what a reviewer decides
  readonly since: number; // when it came, epoch milliseconds
}

/** Where the simulated payer keeps its records; handed in, for a gateway knows no store. */
export interface PayerBooks {
  open<T>(transmission: Transmission, work: (books: OpenBooks) => Promise<T>): Promise<T>;
  /** What was answered to a transmission. */
  answered(id: string): Promise<PayerAnswer | undefined>;
  reviewed(id: string): Promise<Review | undefined>;
  now(): number; // epoch milliseconds
  /** The member that a question is about; undefined where the payer does not know them. */
  member(question: EligibilityQuestion): Promise<Member | undefined>;
}

/** The payer simulator as a gateway: it answers at once, and repeats its answer to a transmission it has seen. */
export const simulator = (books: PayerBooks): Gateway => ({
  honoursAnsweredOn: true,
  claimTypes: ['institutional', 'oral', 'pharmacy', 'professional'],
  send: (transmission) =>
    books.open(transmission, async (open) => {
      if (transmission.claim.use === 'preauthorization') {
        const before = await open.reviewed();
        const review = before ?? reviewOf(transmission, await open.records(), books.now());
        if (!before) await open.keepReview(review);
        return saidOf(review, books.now());
      }
      const known = await open.answered();
      if (known) return known;
      const { said, enrollment } = judge(transmission, await open.records());
      await open.keep(said, enrollment);
      return said;
    }),
  find: async (id) => {
    const review = await books.reviewed(id);
    if (review) return saidOf(review, books.now());
    return (await books.answered(id)) ?? { is: 'absent' };
  },
  foresee: (transmission) =>
    books.open(transmission, async (open) => {
      if (transmission.claim.use !== 'preauthorization')
        return judge(transmission, await open.records()).said;
      return { is: 'answer', response: reviewOf(transmission, await open.records(), books.now()).said };
    }),
  askEligibility: (question) => toldOf(books, question),
  foreseeEligibility: (question) => toldOf(books, question),
});

/** How long a reviewer of the simulated payer takes for what a member id has pended; milliseconds. */
const reviewTakes = 5000;

/** What the payer says of a request for authorization, and what a reviewer says later of one that is pended by force. */
function reviewOf(
  { claim, coverage, satisfied, sentOn }: Transmission,
  { plan }: Records,
  since: number,
): Review {
  const attached = satisfied || receive(claim).attached;
  const asked = { claim, coverage, plan, attached, on: sentOn };
  const said = tagged(authorize({ ...asked, reviewed: false }));
  const later = tagged(authorize({ ...asked, reviewed: true }));
  return isPendedReview(said) && !isPendedReview(later) ? { said, later, since } : { said, since };
}

/** What is known of a request at a moment. */
function saidOf({ said, later, since }: Review, now: number): Sent {
  if (later && now - since >= reviewTakes) return { is: 'answer', response: later };
  return isPendedReview(said) ? { is: 'accepted', pended: said } : { is: 'answer', response: said };
}

async function toldOf(books: PayerBooks, question: EligibilityQuestion): Promise<EligibilitySaid> {
  const { request, on } = question;
  const response = answerEligibility({ request, on, member: await books.member(question) });
  return { is: 'answer', response: tagged(response) };
}

function judge(
  transmission: Transmission,
  records: Records,
): { said: PayerAnswer } & Pick<Reply, 'enrollment'> {
  const { claim, coverage, priors, satisfied, sentOn, answeredOn = sentOn } = transmission;
  const { response, enrollment, takenBack, reverses } = answer(
    { claim, coverage, priors, satisfied, answeredOn },
    records,
  );
  const said = {
    ...({ is: 'answer', response: tagged(response) } as const),
    ...(takenBack === undefined ? {} : { takenBack }),
    ...(reverses === true ? { reverses } : {}),
  };
  return { said, enrollment };
}

/** No money moves for what is simulated: the answer and all that is made from it carry this tag. */
const tagged = <T extends ClaimResponse | CoverageEligibilityResponse>(response: T): T =>
  changed(response, {
    meta: {
      ...response.meta,
      tag: [{ system: system.answerSource, code: 'simulated', display: 'Simulated payer' }],
    },
  } as Partial<T>);
