import { createHash } from 'node:crypto';
import type { Claim, ClaimResponse, Organization, Parameters } from '@medplum/fhirtypes';
import { goodFaithClaim } from '../billing/estimate/goodFaith.ts';
import { owedIn, shareAnswer, type EstimatedLine } from '../billing/estimate/shareAnswer.ts';
import { ownNumber } from '../billing/payment/receipt.ts';
import { toText, zero } from '../datatypes/cents.ts';
import { contentText } from '../datatypes/content.ts';
import { changed } from '../datatypes/json.ts';
import { referenceText } from '../datatypes/reference.ts';
import { createResource, find, resolve } from '../interaction/repository.ts';
import { conflict } from '../outcome/fhirError.ts';
import { decided, type Issue } from '../outcome/issue.ts';
import { restrictedAmong } from './claim/restricted.ts';
import { operationDefinition } from './definition.ts';
import { estimateKey } from './estimate/estimateKey.ts';
import { estimateRecord } from './estimate/estimateRecord.ts';
import { ownShares } from './estimate/ownShare.ts';
import { readExpected, type AskedEstimate } from './estimate/readEstimate.ts';
import { firstPayer, readBenefits, type Benefits, type FirstPayer } from './estimate/readInsured.ts';
import { shareLetter } from './estimate/shareLetter.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { giveDocument } from './statement/giveDocument.ts';
import { patientRecipient } from './statement/recipient.ts';
import { holderOf, reserveKey } from './uniqueKey.ts';

type Kept<T> = T & { readonly id: string };

/** An estimate as it is reckoned, before anything is written. */
interface Reckoned {
  readonly asked: AskedEstimate;
  readonly first: FirstPayer;
  readonly benefits: Benefits;
  readonly lines: readonly EstimatedLine[];
  readonly claim: Kept<Claim>;
}

/** POST [base]/Claim/$estimate: what an insured patient will owe for services that are expected, and why. */
export const claimEstimate: Operation = {
  definition: operationDefinition('Claim-estimate'),
  permission: 'bill-patient',
  async run(call): Promise<Parameters> {
    const { context, tx, on } = call;
    const reckoned = await reckon(call);
    const { asked, first, benefits } = reckoned;
    const { claim, response, isNew } = await keptEstimate(call, reckoned);
    const issues: Issue[] = [said(reckoned, claim, isNew), ...benefits.issues];
    const recipient = patientRecipient(asked.patient, on, false);
    const keep = estimateRecord(claim, asked, recipient, [referenceText(response)]);
    const payer = await resolve<Organization>(tx, 'Organization', { reference: first.payer });
    const { document, pdf } = await giveDocument(call, {
      id: context.newId(),
      keep,
      letter: () =>
        shareLetter({
          ...asked,
          ...{ recipient, number: keep.number, on: claim.created.slice(0, 10), lines: reckoned.lines },
          ...{ coverage: first.coverage, payer },
          ...{ askedOn: benefits.askedOn, isProtected: benefits.isProtected },
        }),
    });
    const resources = [
      ['estimate', claim],
      ['response', response],
      ['document', document],
    ] as const;
    return answer([...resources, ...(pdf ? [['pdf', pdf] as const] : [])], issues);
  },
};

async function reckon(call: Call): Promise<Reckoned> {
  const practice = parameter(call.input, 'practice')?.valueReference?.reference ?? '';
  const found: FirstPayer[] = [];
  const asked = await readExpected(
    call,
    () => [],
    async (patient, date) => {
      const first = await firstPayer(call, { patient, practice, date });
      found.push(first);
      return first.payer;
    },
  );
  const [first] = found;
  if (!first) throw new Error('no payer was read');
  await refuseRestricted(call, asked);
  const id = call.context.newId();
  const { provider, appointment, labels, diagnoses, items } = asked;
  const claim = goodFaithClaim({
    ...{ id, number: ownNumber('EST', id), on: call.on, provider, appointment, labels, diagnoses, items },
    patient: referenceText(asked.patient),
    practice: referenceText(asked.practice),
    insured: { coverage: referenceText(first.coverage), insurer: first.payer },
  });
  const benefits = await readBenefits(call, claim, first);
  const shares = ownShares(items, benefits);
  const lines = benefits.isProtected ? shares.map((line) => ({ ...line, shares: [], owed: zero })) : shares;
  return { asked, first, benefits, lines, claim };
}

/** What the patient pays himself and no payer is to be told of is not estimated as if it were. */
async function refuseRestricted(call: Call, { appointment }: AskedEstimate): Promise<void> {
  if (appointment === undefined || (await restrictedAmong(call, [appointment])).size === 0) return;
  const text =
    'no payer is to be told of this visit: Claim/$good-faith-estimate estimates what the patient pays';
  throw conflict('not-insured', text, 'Appointment');
}

/** The estimate that says the same, else a new one with its answer. */
async function keptEstimate(
  call: Call,
  { claim: made, lines, asked, first, benefits }: Reckoned,
): Promise<{ claim: Kept<Claim>; response: Kept<ClaimResponse>; isNew: boolean }> {
  const { context, tx, on } = call;
  const { date, items, diagnoses, separate } = asked;
  const parties = [asked.patient, asked.practice, first.coverage].map(referenceText);
  const said = [parties, asked.provider?.reference ?? '', asked.appointment ?? '', date, items, diagnoses];
  const shares = lines.map(({ by, rule, allowed, paid, owed }) => [by, rule ?? '', allowed, paid, owed]);
  const hash = createHash('sha256')
    .update(contentText(['insured', said, separate, shares, benefits.askedOn ?? '']))
    .digest('base64url');
  const key = estimateKey(hash);
  const known = await holderOf(tx, key);
  const [answered] = known
    ? await find<ClaimResponse>(tx, 'ClaimResponse', { request: referenceText(known) })
    : [];
  if (known && answered?.id !== undefined)
    return { claim: known, response: changed(answered, { id: answered.id }), isNew: false };
  const claim = await createResource(context, tx, made);
  const notes = [
    ...lines.flatMap(({ sequence, rule }) =>
      rule === undefined ? [] : [`line ${sequence.toString()}: ${rule}`],
    ),
    ...(benefits.isProtected ? ['the programme of the patient allows no charge of what it leaves'] : []),
    ...benefits.issues.flatMap(({ details }) => details?.text ?? []),
  ];
  const response = await createResource<ClaimResponse>(context, tx, shareAnswer(claim, lines, { on, notes }));
  await reserveKey(tx, key, referenceText(claim));
  return { claim, response: response, isNew: true };
}

const said = ({ lines }: Reckoned, claim: Kept<Claim>, isNew: boolean): Issue => {
  const name = referenceText(claim);
  return isNew
    ? decided('created', 'Claim', `${name}: the patient will owe ${toText(owedIn(lines))}`)
    : decided('already-there', 'Claim', `${name} says the same; no second one was written`);
};
