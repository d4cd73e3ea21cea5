import type { Claim, Coverage, Organization } from '@medplum/fhirtypes';
import { centsOf, sum, toText, type Cents } from '../../datatypes/cents.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { parseReference, same } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { businessFault, missing, unresolved, type Issue } from '../../outcome/issue.ts';
import { extension, system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { claimNumberKey, writtenHolder } from '../uniqueKey.ts';
import { isOfPractice, ownerOf, type Owned } from './owner.ts';
import type { ClaimToLoad, OpeningHead } from './toLoad.ts';

/** What of a claim is found before it is written. */
export interface LookedClaim {
  readonly owned?: Owned;
  readonly payer?: string; // Organization/1
  readonly faults: readonly Issue[];
  readonly conflicts: readonly Issue[];
}

/** Every fault of an open claim: as a claim, with what it refers to, and in its sums. */
export async function lookAtClaim(call: Call, head: OpeningHead, item: ClaimToLoad): Promise<LookedClaim> {
  const { claim, place } = item;
  const at = (path: string): string => `${place}.part.where(name='resource').resource${path}`;
  const faults: Issue[] = [...contentFaults(claim, at), ...sumFaults(item, at)];
  const patient = parseReference(claim.patient.reference);
  const { owned, faults: ofOwner } = await ownerOf(call, head, {
    ...item,
    patient: patient?.type === 'Patient' ? `Patient/${patient.id}` : undefined,
  });
  faults.push(...ofOwner);
  if (!(await isOfPractice(call.tx, claim.provider.reference, head.practice)))
    faults.push(
      businessFault('claim-of-another-practice', at('.provider'), 'the provider is not the practice'),
    );
  const focal = claim.insurance.findIndex((i) => i.focal);
  const coverage = await resolve<Coverage>(call.tx, 'Coverage', claim.insurance[focal]?.coverage);
  if (!coverage)
    faults.push(
      unresolved('coverage-unknown', at(`.insurance[${focal}].coverage`), 'names no Coverage that is here'),
    );
  else if (!same(coverage.beneficiary, claim.patient))
    faults.push(
      businessFault(
        'coverage-of-another-patient',
        at(`.insurance[${focal}].coverage`),
        'it insures another patient',
      ),
    );
  const insurer = claim.insurer ?? coverage?.payor[0];
  const payer = parseReference(insurer?.reference);
  if (payer?.type !== 'Organization' || !(await resolve<Organization>(call.tx, 'Organization', insurer)))
    faults.push(unresolved('payer-unknown', at('.insurer'), 'names no payer that is here'));
  return {
    ...(owned ? { owned } : {}),
    ...(payer ? { payer: `Organization/${payer.id}` } : {}),
    faults,
    conflicts: await numberConflicts(call, item, at),
  };
}

function contentFaults(claim: Claim, at: (path: string) => string): Issue[] {
  const faults: Issue[] = [];
  if (claim.use !== 'claim')
    faults.push(businessFault('use-not-supported', at('.use'), 'only claims for payment are open'));
  if (claim.status !== 'active')
    faults.push(
      businessFault('claim-not-sent', at('.status'), 'an open claim was sent: its status is active'),
    );
  if (claim.insurance.filter((i) => i.focal).length !== 1)
    faults.push(
      businessFault('focal-insurance', at('.insurance'), 'one insurance is focal: the one it was sent to'),
    );
  for (const [i, item] of (claim.item ?? []).entries()) {
    const isCharted = item.encounter !== undefined || extensionOf(item, extension.chargeItem) !== undefined;
    if (isCharted) {
      const text = 'its chart stays in the former system: a line names no Encounter and no ChargeItem';
      faults.push(businessFault('opening-with-chart', at(`.item[${i}]`), text));
    }
  }
  if ((claim.item ?? []).length === 0)
    faults.push(missing('item-missing', at('.item'), 'the claim has the lines that were sent'));
  return faults;
}

/** The total is that of the lines, no more is open than was charged, and the answers told leave what is open. */
function sumFaults({ claim, open, answers, place }: ClaimToLoad, at: (path: string) => string): Issue[] {
  const total = centsOf(claim.total);
  if (total === undefined || total <= 0)
    return [
      missing('total-missing', at('.total'), 'the claim says what was charged, in USD and whole cents'),
    ];
  const faults: Issue[] = [];
  const nets = (claim.item ?? []).map((i) => centsOf(i.net));
  const lines = sum(nets.flatMap((n): Cents[] => (n === undefined ? [] : [n])));
  if (nets.some((n) => n === undefined) || lines !== total)
    faults.push(
      businessFault(
        'total-not-of-lines',
        at('.total'),
        `the lines are ${toText(lines)}, the total is ${toText(total)}`,
      ),
    );
  if (open > total) {
    const text = `${toText(open)} is open and ${toText(total)} was charged`;
    faults.push(businessFault('open-above-charge', `${place}.part.where(name='open').value`, text));
  }
  const left = total - sum(answers.flatMap((a) => [a.paid, a.adjusted]));
  if (answers.length > 0 && left !== open) {
    const text = `the answers leave ${toText(sum([left as Cents]))} and ${toText(open)} is open`;
    faults.push(businessFault('open-not-what-is-left', `${place}.part.where(name='open').value`, text));
  }
  return faults;
}

/** A number is one claim's for good: a claim here that has it already is another one. */
async function numberConflicts(
  { tx }: Call,
  { reference }: ClaimToLoad,
  at: (path: string) => string,
): Promise<Issue[]> {
  if (reference === '') return [];
  const holder =
    (await writtenHolder(tx, claimNumberKey(reference))) ??
    (await find<Claim>(tx, 'Claim', { identifier: `${system.patientControlNumber}|${reference}` }))
      .filter((c) => c.status !== 'entered-in-error')
      .map((c) => `Claim/${c.id ?? ''}`)[0];
  if (holder === undefined) return [];
  return [businessFault('claim-number-used', at('.identifier'), `${holder} has this number`)];
}
