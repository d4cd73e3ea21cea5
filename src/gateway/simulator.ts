import type { Basic, ClaimResponse, CoverageEligibilityResponse } from '@medplum/fhirtypes';
import { changed } from '../datatypes/json.ts';
import { answer, type Records, type Reply } from '../payer/answer.ts';
import type { Member } from '../payer/eligibility.ts';
import { answerEligibility } from '../payer/eligibilityAnswer.ts';
import { system } from '../terminology/system.ts';
import type { EligibilityQuestion, EligibilitySaid, Gateway, PayerAnswer, Transmission } from './gateway.ts';

/** What the simulated payer keeps, open in one transaction under lock of member and payer. */
export interface OpenBooks {
  /** What it answered to this transmission before. */
  answered(): Promise<PayerAnswer | undefined>;
  records(): Promise<Records>;
  keep(answer: PayerAnswer, enrollment: Basic | undefined): Promise<void>;
}

/** Where the simulated payer keeps its records; handed in, for a gateway knows no store. */
export interface PayerBooks {
  open<T>(transmission: Transmission, work: (books: OpenBooks) => Promise<T>): Promise<T>;
  /** What was answered to a transmission. */
  answered(id: string): Promise<PayerAnswer | undefined>;
  /** The member that a question is about; undefined where the payer does not know them. */
  member(question: EligibilityQuestion): Promise<Member | undefined>;
}

/** The payer simulator as a gateway: it answers at once, and repeats its answer to a transmission it has seen. */
export const simulator = (books: PayerBooks): Gateway => ({
  honoursAnsweredOn: true,
  claimTypes: ['institutional', 'oral', 'pharmacy', 'professional'],
  send: (transmission) =>
    books.open(transmission, async (open) => {
      const known = await open.answered();
      if (known) return known;
      const { said, enrollment } = judge(transmission, await open.records());
      await open.keep(said, enrollment);
      return said;
    }),
  find: async (id) => (await books.answered(id)) ?? { is: 'absent' },
  foresee: (transmission) =>
    books.open(transmission, async (open) => judge(transmission, await open.records()).said),
  askEligibility: (question) => toldOf(books, question),
  foreseeEligibility: (question) => toldOf(books, question),
});

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
