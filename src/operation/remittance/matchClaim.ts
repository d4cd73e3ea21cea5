import type { Claim, ClaimResponse, Coverage, Patient, PaymentReconciliation } from '@medplum/fhirtypes';
import { isReversal, type AdviceClaim } from '../../billing/remittance/advice.ts';
import { payerChain } from '../../billing/ledger/index.ts';
import { centsOf } from '../../datatypes/cents.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { extension, system } from '../../terminology/system.ts';
import { claimNumberKey, writtenHolder } from '../uniqueKey.ts';
import { isOfPayee, type Desk } from './desk.ts';

type Stored<T> = T & { id: string };

/** The claim that a CLP is about, or why a person has to say which. */
export type Match = { readonly claim: Stored<Claim> } | { readonly held: string };

/** Finds the claim of a CLP. Billing rule 68: CLP01, payer control number, line control number, then what it says. */
export async function matchClaim(desk: Desk, remitted: AdviceClaim): Promise<Match> {
  const { tx } = desk.call;
  const found =
    (await byNumber(tx, remitted.patientControlNumber)) ??
    (await byPayerNumber(tx, [remitted.payerControlNumber, remitted.original], desk)) ??
    (await byLines(tx, remitted)) ??
    (await byContent(desk, remitted));
  if (found === undefined) {
    const former = isReversal(remitted)
      ? ': one that a former system sent is loaded by $load-opening with nothing open, then $post posts this'
      : '';
    return { held: `no claim here has its numbers, its member, day and charge${former}` };
  }
  if (found === 'several') return { held: 'several claims fit it: say which one is meant' };
  return fit(desk, remitted, await ofRank(desk, remitted, found));
}

/** A claim that a person, or a number, says it is: it has to be one that was sent, by the practice that is paid. */
export async function fit(
  desk: Desk,
  remitted: AdviceClaim,
  claim: Stored<Claim>,
  byHand = false,
): Promise<Match> {
  const name = referenceText(claim);
  const crossed = extensionOf(claim, extension.crossedOver) !== undefined;
  if (claim.use !== 'claim') return { held: `${name} is no claim for payment` };
  if (claim.status === 'draft' && !crossed) return { held: `${name} was not sent yet` };
  if (claim.status === 'entered-in-error') return { held: `${name} was entered in error` };
  if (extensionOf(claim, extension.account)?.valueReference?.reference === undefined)
    return { held: `${name} names no Account` };
  if (!byHand && !(await isOfPayee(desk, claim, remitted.practice)))
    return { held: `${name} is of another practice than the one that is paid` };
  return { claim };
}

async function byNumber(tx: Reader, number: string): Promise<Stored<Claim> | undefined> {
  if (number === '' || number === '0') return undefined;
  // a claim that was sent again for another reason has a round behind its number
  for (const one of new Set([number, number.replace(/-\d{1,2}$/, '')])) {
    const held = parseReference(await writtenHolder(tx, claimNumberKey(one)));
    const claim =
      held?.type === 'Claim'
        ? await claimAt(tx, `Claim/${held.id}`)
        : (await find<Claim>(tx, 'Claim', { identifier: `${system.patientControlNumber}|${one}` }))
            .filter((c) => c.status !== 'entered-in-error')
            .flatMap((c) => (c.id === undefined ? [] : [changed(c, { id: c.id })]))
            .at(0);
    if (claim) return claim;
  }
  return undefined;
}

/** The claim that a number names, ours or its payer's (`payer`, or any); undefined where none or several are. */
export async function claimOfNumber(
  tx: Reader,
  number: string,
  payer?: OfPayer,
): Promise<Stored<Claim> | undefined> {
  const claim = (await byNumber(tx, number)) ?? (await byPayerNumber(tx, [number], payer));
  return claim === 'several' ? undefined : claim;
}

export async function claimAt(tx: Reader, reference: string | undefined): Promise<Stored<Claim> | undefined> {
  const target = parseReference(reference);
  if (target?.type !== 'Claim') return undefined;
  const claim = await resolve<Claim>(tx, 'Claim', { reference: `Claim/${target.id}` });
  return claim && changed(claim, { id: target.id });
}

async function byPayerNumber(
  tx: Reader,
  numbers: readonly (string | undefined)[],
  payer?: OfPayer,
): Promise<Stored<Claim> | 'several' | undefined> {
  for (const number of numbers) {
    if (number === undefined) continue;
    const numbered = await find<ClaimResponse>(tx, 'ClaimResponse', {
      identifier: `${system.payerClaimControlNumber}|${number}`,
    });
    const answers: ClaimResponse[] = [];
    for (const answer of numbered) if (!payer || (await isOfPayer(tx, payer, answer))) answers.push(answer);
    const claims = new Set(answers.flatMap((a) => a.request?.reference ?? []));
    if (claims.size > 1) return 'several';
    const [only] = claims;
    const claim = await claimAt(tx, only);
    if (claim) return claim;
  }
  return undefined;
}

/** What a payer is known by, where a number is his. */
type OfPayer = Pick<Desk, 'advice' | 'reconciliation'>;

/**
 * Whether an answer is of the payer of this remittance: each payer numbers claims for himself, and two of them may use
 * one number. One whose remittances come from several of our payers is known by his tax number.
 */
async function isOfPayer(
  tx: Reader,
  { advice, reconciliation }: OfPayer,
  answer: ClaimResponse,
): Promise<boolean> {
  const issuer = reconciliation.paymentIssuer?.reference;
  if (issuer === undefined || unversionedText(answer.insurer.reference) === issuer) return true;
  const remittance = extensionOf(answer, extension.remittance)?.valueReference;
  const paid = await resolve<PaymentReconciliation>(tx, 'PaymentReconciliation', remittance);
  const tin = paid?.paymentIdentifier?.assigner?.identifier?.value;
  return tin !== undefined && tin === advice.payerTin;
}

async function byLines(tx: Reader, { lines }: AdviceClaim): Promise<Stored<Claim> | undefined> {
  for (const { controlNumber } of lines) {
    const number = /^(.+)-\d{1,3}$/.exec(controlNumber ?? '')?.[1];
    const claim = number === undefined ? undefined : await byNumber(tx, number);
    if (claim) return claim;
  }
  return undefined;
}

/** The one sent claim of the member with this charge and first day. */
async function byContent(
  desk: Desk,
  { member, charge, from, lines }: AdviceClaim,
): Promise<Stored<Claim> | 'several' | undefined> {
  const { tx } = desk.call;
  const day = from ?? lines.flatMap((l) => l.from ?? []).sort()[0];
  if (member === undefined || day === undefined) return undefined;
  const patients = new Set<string>();
  for (const c of await find<Coverage>(tx, 'Coverage', { identifier: member }))
    if (c.beneficiary.reference) patients.add(c.beneficiary.reference);
  for (const p of await find<Patient>(tx, 'Patient', { identifier: member })) patients.add(referenceText(p));
  const claims: Stored<Claim>[] = [];
  for (const patient of patients)
    for (const claim of await find<Claim>(tx, 'Claim', { patient, use: 'claim', status: 'active' })) {
      const first =
        claim.billablePeriod?.start ??
        claim.item?.[0]?.servicedDate ??
        claim.item?.[0]?.servicedPeriod?.start;
      const isSame = first?.slice(0, 10) === day && centsOf(claim.total) === Math.abs(charge);
      if (isSame && claim.id !== undefined && (await isOfPayee(desk, claim, undefined)))
        claims.push(changed(claim, { id: claim.id }));
    }
  return claims.length > 1 ? 'several' : claims[0];
}

/** The rank of the payer that answers, by CLP02; a reversal says none. */
const rankOf: Readonly<Record<string, number>> = { '2': 1, '20': 1, '3': 2, '21': 2 };

/**
 * A secondary payer that got the claim from the first one answers under the first claim's number: what it says is of
 * the claim that follows.
 */
async function ofRank(desk: Desk, remitted: AdviceClaim, claim: Stored<Claim>): Promise<Stored<Claim>> {
  const rank = rankOf[remitted.status];
  const focal = claim.insurance.find((i) => i.focal)?.sequence ?? 1;
  if (isReversal(remitted) || rank === undefined || focal !== 1) return claim;
  const account = extensionOf(claim, extension.account)?.valueReference?.reference;
  const chain = payerChain(await desk.call.tx.journal(account ?? ''), referenceText(claim));
  const next = chain[chain.indexOf(referenceText(claim)) + rank];
  return (await claimAt(desk.call.tx, next)) ?? claim;
}

/** The patient control number of a claim. */
export const numberOf = (claim: Claim): string =>
  identifierOf(claim, system.patientControlNumber) ?? claim.id ?? '';
