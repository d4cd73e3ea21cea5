import type { ChargeItem, Claim, ClaimResponse, Coverage, Reference, Resource } from '@medplum/fhirtypes';
import { knownAs } from '../../billing/scrub/input.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { centsOf, sum, type Cents } from '../../datatypes/cents.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { parsed, resolve } from '../../interaction/repository.ts';
import { businessFault, missing, unresolved, type Issue } from '../../outcome/issue.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { placementsOn } from '../../billing/ledger/index.ts';
import { extension } from '../../terminology/system.ts';
import { chargesOfClaim, correctedClaim } from '../claim/correctedCharges.ts';

/** One charge and the claim line that bills it. */
export interface BilledCharge {
  readonly charge: ChargeItem & { id: string };
  readonly item: number;
  readonly encounter: string | undefined;
  readonly amount: Cents;
  readonly isBefore?: true; // the claim that is corrected billed it: its money stands there
}

/** What stands on a line of the claim; without item, on the claim as a whole. */
export interface Placed {
  readonly item?: number | undefined;
  readonly encounter?: string | undefined;
  readonly amount: Cents;
}

type Known = ReadonlyMap<string, Resource>;
const none: Known = new Map();

/** A claim on its way out, with what it refers to. */
export interface Submission {
  readonly claim: Claim & { id: string };
  readonly coverage: Coverage & { id: string };
  readonly payer: string; // Organization/x
  readonly account: string; // Account/x
  readonly priors: readonly ClaimResponse[]; // what the payers before answered
  readonly charges: readonly BilledCharge[]; // none on a claim to a further payer: they were billed before
  readonly placed: readonly Placed[];
}

/**
 * Reads what a claim refers to, or every fault of what is missing or does not fit. `sent`: it went out before; `known`
 * was read of it in this transaction.
 */
export async function readSubmission(
  tx: Transaction,
  claim: Claim & { id: string },
  { sent, known = none }: { readonly sent: boolean; readonly known?: Known },
): Promise<{ readonly submission?: Submission; readonly faults: readonly Issue[] }> {
  const faults: Issue[] = [];
  const focal = claim.insurance.findIndex((i) => i.focal);
  const coverage = await coverageOf(tx, claim.insurance[focal]?.coverage, known);
  if (coverage?.id === undefined) {
    faults.push(
      unresolved('coverage-unknown', `Claim.insurance[${focal}].coverage`, 'names no Coverage that is here'),
    );
  }
  const payer = unversionedText(claim.insurer?.reference ?? coverage?.payor[0]?.reference);
  if (parseReference(payer)?.type !== 'Organization') {
    faults.push(missing('payer-missing', 'Claim.insurer', 'the claim names no payer'));
  }
  const account = extensionOf(claim, extension.account)?.valueReference?.reference;
  if (parseReference(account)?.type !== 'Account') {
    faults.push(
      missing('account-missing', 'Claim.extension', 'the claim names no Account that its money belongs to'),
    );
  }
  const { priors, faults: unknown } = await readPriors(tx, claim);
  faults.push(...unknown);
  if (!sent && priors.some(({ status }) => status === 'cancelled')) {
    const text =
      'the payer before took its answer back: wait for its correction, then $correct or $generate-claim';
    faults.push(businessFault('prior-answer-reversed', 'Claim.insurance', text));
  }
  const corrected = await correctedClaim(tx, claim);
  // what was cancelled meanwhile has its charges elsewhere: what still stands on it is in the ledger
  const isElsewhere = sent && claim.status === 'cancelled';
  const before = new Set(corrected ? chargesOfClaim(corrected) : []);
  const charges =
    priors.length > 0 || isElsewhere ? [] : await readCharges(tx, claim, { sent, known, faults, before });
  if (faults.length > 0 || coverage?.id === undefined) return { faults };
  const inLedger = corrected !== undefined || isElsewhere;
  const submission: Submission = {
    claim,
    coverage: changed(coverage, { id: coverage.id }),
    payer: payer ?? '',
    account: account ?? '',
    priors,
    charges,
    placed: inLedger
      ? placementsOn(await tx.journal(account ?? ''), `Claim/${claim.id}`)
      : priors.length > 0
        ? leftBefore(claim, priors)
        : ofCharges(claim, charges),
  };
  return { submission, faults };
}

/** The Coverage as it was sent, where the claim names its version, else as it is. */
async function coverageOf(
  reader: Reader,
  pointer: Reference | undefined,
  known: Known,
): Promise<Coverage | undefined> {
  const target = parseReference(pointer?.reference);
  if (target?.type !== 'Coverage' || target.version === undefined) {
    const found = knownAs<Coverage>(known, 'Coverage', pointer);
    if (found) return found;
    return resolve<Coverage>(reader, 'Coverage', pointer);
  }
  const stored = await reader.vread('Coverage', target.id, Number(target.version));
  return stored && !stored.deleted ? parsed<Coverage>(stored) : undefined;
}

/** What the payers before answered, in their order. */
export async function readPriors(
  reader: Reader,
  claim: Claim,
): Promise<{ readonly priors: ClaimResponse[]; readonly faults: readonly Issue[] }> {
  const priors: ClaimResponse[] = [];
  const faults: Issue[] = [];
  for (const [i, { claimResponse, focal }] of claim.insurance.entries()) {
    if (!claimResponse || focal) continue;
    const prior = await resolve<ClaimResponse>(reader, 'ClaimResponse', claimResponse);
    if (prior?.outcome === 'complete') priors.push(prior);
    else {
      const text = 'names no complete answer of the payer before';
      faults.push(unresolved('prior-answer-unknown', `Claim.insurance[${i}].claimResponse`, text));
    }
  }
  return { priors, faults };
}

async function readCharges(
  tx: Transaction,
  claim: Claim,
  {
    sent,
    known,
    faults,
    before,
  }: {
    readonly sent: boolean;
    readonly known: Known;
    readonly faults: Issue[];
    readonly before: ReadonlySet<string>;
  },
): Promise<BilledCharge[]> {
  const charges: BilledCharge[] = [];
  const isBefore = (charge: ChargeItem): boolean =>
    charge.status === 'billed' && before.has(`ChargeItem/${charge.id ?? ''}`);
  for (const [i, item] of (claim.item ?? []).entries()) {
    const place = `Claim.item[${i}]`;
    const named = extensionsOf(item, extension.chargeItem);
    if (named.length === 0)
      faults.push(missing('charge-missing', place, 'the line names no ChargeItem that it bills'));
    for (const { valueReference } of named) {
      const charge =
        knownAs<ChargeItem>(known, 'ChargeItem', valueReference) ??
        (await resolve<ChargeItem>(tx, 'ChargeItem', valueReference));
      const amount = centsOf(charge?.priceOverride);
      if (charge?.id === undefined) {
        faults.push(unresolved('charge-unknown', `${place}.extension`, 'names no ChargeItem that is here'));
      } else if (amount === undefined) {
        faults.push(businessFault('unpriced-charge', place, `ChargeItem/${charge.id} has no price`));
      } else if (charge.status !== (sent ? 'billed' : 'billable') && !isBefore(charge)) {
        const text = `ChargeItem/${charge.id} is ${charge.status}: only a billable charge can be claimed, and only once`;
        faults.push(businessFault('charge-not-billable', place, text));
      } else {
        const encounter = charge.context?.reference ?? item.encounter?.[0]?.reference;
        const billed = { charge: changed(charge, { id: charge.id }), item: item.sequence, encounter, amount };
        charges.push(isBefore(charge) ? { ...billed, isBefore: true } : billed);
      }
    }
  }
  return charges;
}

const encounterOf = (claim: Claim, item: number | undefined): { readonly encounter?: string } => {
  const found = claim.item?.find((i) => item === undefined || i.sequence === item)?.encounter?.[0]?.reference;
  return found === undefined ? {} : { encounter: found };
};

const ofCharges = (claim: Claim, charges: readonly BilledCharge[]): Placed[] =>
  (claim.item ?? []).map(({ sequence }) => ({
    item: sequence,
    ...encounterOf(claim, sequence),
    amount: sum(charges.filter((c) => c.item === sequence).map((c) => c.amount)),
  }));

/** What the last payer before left to this one: its PR, where it decided it. */
const leftBefore = (claim: Claim, priors: readonly ClaimResponse[]): Placed[] =>
  priors.slice(-1).flatMap((prior) =>
    adjudicated(prior).map(({ sequence, adjustments }) => ({
      ...(sequence === undefined ? {} : { item: sequence }),
      ...encounterOf(claim, sequence),
      amount: sum(adjustments.filter((a) => a.group === 'PR').map((a) => a.amount)),
    })),
  );
