import type { Claim, CodeableConcept, Reference } from '@medplum/fhirtypes';
import { negate, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { extension, system } from '../../terminology/system.ts';
import { has } from '../../datatypes/coding.ts';
import {
  chargeComponent,
  shareComponents,
  shareOf,
  transferComponents,
  type Component,
  type Decision,
} from './component.ts';
import type { Adjudicated, Adjusted } from '../../datatypes/adjudication.ts';

/** What a patient owes for one claim line, one whole claim (a case rate) or one charge, before what is paid. */
export interface OwedLine {
  readonly claim?: string; // Claim/1
  readonly item?: number; // Claim.item.sequence
  readonly charge?: string; // ChargeItem/1, of a charge billed directly
  readonly encounter?: string | undefined; // Encounter/1
  readonly charges: readonly string[];
  readonly code: CodeableConcept;
  readonly explanation?: string; // ExplanationOfBenefit/1
  readonly share: Cents;
  readonly components: readonly Component[];
  readonly reasons: readonly string[]; // CARCs of the share
  readonly shares: readonly { readonly reason: string; readonly amount: Cents }[];
  readonly costShare: Cents; // of a QMB patient: not his to pay
  readonly medicaidHeld: Cents; // what Medicaid left, not his to pay
  readonly searchHeld: Cents; // not asked for while other coverage is looked for
  readonly ruleHeld: Cents; // not asked for by law, or while something is open
  readonly heldBy?: HeldBy | undefined; // why
}

/** Why a share is not asked of the patient, or not now. */
export type HeldBy =
  'appeal-open' | 'compensation' | 'correction-open' | 'no-surprises-act' | 'notice-missing';

/** The answer of one payer to a claim, the first payer's first. */
export interface PayerAnswer {
  readonly payer: Reference;
  readonly decisions: readonly Adjudicated[];
}

const chargesOf = (item: NonNullable<Claim['item']>[number]): string[] =>
  extensionsOf(item, extension.chargeItem).flatMap((e) => e.valueReference?.reference ?? []);

const visitOf = (item: NonNullable<Claim['item']>[number]): string | undefined =>
  item.encounter?.[0]?.reference;

/**
 * The lines of a claim that its last payer left to the patient, group PR only; the chain tells what each payer paid.
 * A case rate gives one line for the stay. Billing rules 53 and 70.
 */
export function owedLines(
  claim: Claim,
  chain: readonly PayerAnswer[],
  explanation: string,
  transferred: (item: number | undefined) => Cents = () => zero,
): OwedLine[] {
  const name = `Claim/${claim.id ?? ''}`;
  const whole = chain.at(-1)?.decisions.some((d) => d.sequence === undefined) ?? true;
  const lines: OwedLine[] = whole
    ? [
        owed(
          chain.map((a) => ({ payer: a.payer, line: total(a) })),
          { claim: name, ...stay(claim) },
          explanation,
        ),
      ]
    : (claim.item ?? []).map((item) => {
        const payers = chain.map((a) => ({ payer: a.payer, line: lineOf(a, item.sequence) }));
        const what = { charges: chargesOf(item), code: item.productOrService, encounter: visitOf(item) };
        return owed(payers, { claim: name, item: item.sequence, ...what }, explanation);
      });
  return lines.map((line) => withTransfer(line, transferred(line.item))).filter((l) => l.share !== 0);
}

/** What was transferred to the patient is owed beside what the payer left. */
const withTransfer = (line: OwedLine, amount: Cents): OwedLine =>
  amount === 0
    ? line
    : {
        ...line,
        share: sum([line.share, amount]),
        components: [...line.components, ...transferComponents(amount)],
      };

function owed(
  payers: Parameters<typeof shareComponents>[0],
  what: Pick<OwedLine, 'claim' | 'item' | 'charges' | 'code' | 'encounter'>,
  explanation: string,
): OwedLine {
  const patients = (a: Adjusted): boolean => a.group === 'PR';
  const shares = (payers.at(-1)?.line.adjustments ?? []).filter(patients);
  return {
    ...what,
    ...unlimited,
    explanation,
    share: shareOf(payers),
    components: shareComponents(payers),
    reasons: shares.map((a) => a.reason),
    shares: shares.map(({ reason, amount }) => ({ reason, amount })),
  };
}

/** All of the share is asked for. */
const unlimited = { costShare: zero, medicaidHeld: zero, searchHeld: zero, ruleHeld: zero };

/** What of a line is asked of the patient, now or at any time. */
export const askedOf = ({ share, costShare, medicaidHeld, searchHeld, ruleHeld }: OwedLine): Cents =>
  sum([share, ...[costShare, medicaidHeld, searchHeld, ruleHeld].map(negate)]);

const nothing: Decision = { submitted: sum([]), paid: sum([]), adjustments: [] };

const lineOf = (answer: PayerAnswer, sequence: number): Decision =>
  answer.decisions.find((d) => d.sequence === sequence) ?? nothing;

const total = ({ decisions }: PayerAnswer): Decision => ({
  submitted: sum(decisions.map((d) => d.submitted)),
  paid: sum(decisions.map((d) => d.paid)),
  adjustments: decisions.flatMap((d) => d.adjustments),
});

/** What a stay is called on its one line: its DRG, else in words. */
function stay(claim: Claim): Pick<OwedLine, 'charges' | 'code' | 'encounter'> {
  const drg = claim.supportingInfo?.find((i) => has(i.category, system.c4bbSupportingInfo, 'drg'))?.code;
  const items = claim.item ?? [];
  const [encounter] = items.flatMap((i) => visitOf(i) ?? []);
  return { charges: items.flatMap(chargesOf), code: drg ?? { text: 'stay' }, encounter };
}

/** A charge that goes to the patient directly. */
export const selfPayLine = (charge: {
  readonly reference: string;
  readonly encounter: string;
  readonly code: CodeableConcept;
  readonly amount: Cents;
}): OwedLine => ({
  charge: charge.reference,
  encounter: charge.encounter,
  charges: [charge.reference],
  code: charge.code,
  share: charge.amount,
  components: [chargeComponent(charge.amount)],
  reasons: [],
  shares: [],
  ...unlimited,
});
