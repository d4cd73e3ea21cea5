/** Who in an office works a denial. */
export const desks = [
  'biller',
  'coder',
  'front-desk',
  'authorization',
  'credentialing',
  'clinician',
] as const;
export type Desk = (typeof desks)[number];

/** What is usually done about a denial; the codes of CodeSystem/denial-step. */
export const steps = [
  ...([
    'correct',
    'check-duplicate',
    'payer-order',
    'eligibility',
    'appeal-filing',
    'authorization',
  ] as const),
  ...(['appeal-records', 'notice', 'coding-review', 'related-service', 'right-payer', 'benefit'] as const),
  ...(['prior-payer', 'document', 'credentials', 'write-off', 'review'] as const),
] as const;
export type Step = (typeof steps)[number];

/** What an office does about a reason (CARC) or a remark (RARC) of a payer. */
export interface GuideRow {
  readonly list: 'carc' | 'rarc';
  readonly code: string;
  readonly step: Step;
  readonly text: string; // the next step in words
  readonly cause: string;
  readonly desk: Desk;
  readonly evidence: readonly string[];
  /** Of 100 such denials, how many are recovered; what is assumed while there is no history. */
  readonly odds: number;
  readonly payer?: string; // Organization/1; without it for every payer
}

type Kind = Omit<GuideRow, 'list' | 'code' | 'payer'>;

/** Our defaults: the workflow of billing rule 54 in our own words. The odds are assumptions and give way to history. */
const kinds: readonly (readonly [kind: Kind, carcs: string])[] = [
  [
    {
      step: 'correct',
      text: 'correct the claim and send it again',
      cause: 'something on the claim is missing, wrong or does not fit together',
      desk: 'coder',
      evidence: ['the chart entry that the corrected element comes from'],
      odds: 75,
    },
    '4 5 6 7 8 9 10 11 12 16 125 140 146 181 182 199 206 207 208',
  ],
  [
    {
      step: 'check-duplicate',
      text: 'check whether it was billed before',
      cause: 'the payer has the same service already',
      desk: 'biller',
      evidence: ['the answer to the first claim', 'notes that tell two services apart'],
      odds: 25,
    },
    '18',
  ],
  [
    {
      step: 'payer-order',
      text: 'update the order of payers',
      cause: 'the payer holds that another one comes first',
      desk: 'front-desk',
      evidence: ['what the member told both payers', 'the answer of the payer that comes first'],
      odds: 70,
    },
    '22',
  ],
  [
    {
      step: 'eligibility',
      text: 'check the member with the payer and look for other coverage',
      cause: 'the payer does not hold the patient insured on the day',
      desk: 'front-desk',
      evidence: ['the eligibility answer of the day of service', 'both sides of the card'],
      odds: 40,
    },
    '26 27 31 32',
  ],
  [
    {
      step: 'appeal-filing',
      text: 'appeal with proof that it was filed in time',
      cause: 'the claim came in after the time to file',
      desk: 'biller',
      evidence: ['the acknowledgement (277CA) of the first sending', 'the 999 of its file'],
      odds: 30,
    },
    '29',
  ],
  [
    {
      step: 'authorization',
      text: 'obtain the authorisation afterwards, or appeal',
      cause: 'an authorisation is missing or does not cover the service',
      desk: 'authorization',
      evidence: ['the number of the authorisation', 'the record that shows why it could not wait'],
      odds: 45,
    },
    '15 39 197 198 243',
  ],
  [
    {
      step: 'appeal-records',
      text: 'appeal with the medical records',
      cause: 'the payer does not hold the service necessary, or holds it too much',
      desk: 'clinician',
      evidence: ['the note of the visit', 'results that led to the service', 'the coverage policy it meets'],
      odds: 40,
    },
    '50 55 56 150 151 152',
  ],
  [
    {
      step: 'notice',
      text: 'check for a notice of non-coverage, else write off',
      cause: 'the plan does not cover the service',
      desk: 'biller',
      evidence: ['the notice that the patient signed before the service'],
      odds: 15,
    },
    '96 204',
  ],
  [
    {
      step: 'coding-review',
      text: 'review modifiers and bundling',
      cause: 'the service is paid with another one',
      desk: 'coder',
      evidence: ['the note that shows a separate service, place or time'],
      odds: 45,
    },
    '97 231 236 B10 B15',
  ],
  [
    {
      step: 'related-service',
      text: 'bill the related service',
      cause: 'the service it belongs to is not on file',
      desk: 'coder',
      evidence: ['the claim of the related service'],
      odds: 65,
    },
    '107',
  ],
  [
    {
      step: 'right-payer',
      text: 'send it to the right payer',
      cause: 'another payer answers for the service',
      desk: 'front-desk',
      evidence: ['the eligibility answer that names the payer'],
      odds: 70,
    },
    '109',
  ],
  [
    {
      step: 'benefit',
      text: 'check the benefit maximum',
      cause: 'the benefit is used up, or was given too lately',
      desk: 'biller',
      evidence: ['the eligibility answer with what remains'],
      odds: 15,
    },
    '35 119 149',
  ],
  [
    {
      step: 'prior-payer',
      text: 'send what the payer before decided',
      cause: 'the decision of the payer before is missing or wrong',
      desk: 'biller',
      evidence: ['the remittance of the payer before'],
      odds: 80,
    },
    '129 136',
  ],
  [
    {
      step: 'document',
      text: 'send the document',
      cause: 'a document that the payer needs did not come',
      desk: 'biller',
      evidence: ['the document that the remark names'],
      odds: 65,
    },
    '163 226 227 252',
  ],
  [
    {
      step: 'credentials',
      text: 'check the credentials of the provider',
      cause: 'the payer does not hold the provider enrolled or eligible for the service',
      desk: 'credentialing',
      evidence: ['the letter of enrolment with its effective date', 'licence and certificates'],
      odds: 45,
    },
    '170 171 172 183 185 B7',
  ],
];

/** What a reason says that nobody has a row for. */
const unknown: Kind = {
  step: 'review',
  text: 'read the remarks of the payer and decide',
  cause: 'the reason has no row in the guide',
  desk: 'biller',
  evidence: [],
  odds: 30,
};

/** A few remarks that say more than their reason does. */
const remarks: readonly (readonly [kind: Kind, rarcs: string])[] = [
  [
    {
      step: 'document',
      text: 'send the medical record that the remark asks for',
      cause: 'a record, report or order did not come',
      desk: 'biller',
      evidence: ['the record that the remark names'],
      odds: 65,
    },
    'M127 N29 N706 N225 M143 N221',
  ],
  [
    {
      step: 'correct',
      text: 'correct what the remark names and send the claim again as a new one',
      cause: 'the claim could not be processed: it has no right to an appeal',
      desk: 'biller',
      evidence: [],
      odds: 80,
    },
    'MA130',
  ],
  [
    {
      step: 'coding-review',
      text: 'review units, modifiers and the pair of services',
      cause: 'an edit of units or of pairs of services',
      desk: 'coder',
      evidence: ['the note that shows each unit, or a separate service'],
      odds: 45,
    },
    'N362 M15 N20 N19',
  ],
];

const rowsOf = (list: GuideRow['list'], of: typeof kinds): GuideRow[] =>
  of.flatMap(([kind, codes]) => codes.split(' ').map((code) => ({ list, code, ...kind })));

export const shippedGuide: readonly GuideRow[] = [...rowsOf('carc', kinds), ...rowsOf('rarc', remarks)];

/**
 * What to do about a reason: the row of the payer before the one for every payer, rows of the practice (later in the
 * list) before ours. Without a row: read the remarks.
 */
export function guideFor(
  rows: readonly GuideRow[],
  { list, code, payer }: Pick<GuideRow, 'list' | 'code'> & { readonly payer?: string | undefined },
): GuideRow | undefined {
  const fitting = rows.filter((r) => r.list === list && r.code === code);
  const own = payer === undefined ? undefined : fitting.findLast((r) => r.payer === payer);
  return own ?? fitting.findLast((r) => r.payer === undefined);
}

/** The same, with what holds where there is no row. */
export const guideForReason = (rows: readonly GuideRow[], code: string, payer?: string): GuideRow =>
  guideFor(rows, { list: 'carc', code, payer }) ?? { list: 'carc', code, ...unknown };

/** One sentence for the worklist. */
export const nextStep = (carc: string): string => guideForReason(shippedGuide, carc).text;
