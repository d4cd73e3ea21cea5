import type { ChargeItem, Claim } from '@medplum/fhirtypes';
import { chargesOfLine } from '../../billing/claim/layEdits.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { isReplacement, priorClaimOf } from '../../terminology/claimFrequency.ts';
import { correctionKey, holderOf } from '../uniqueKey.ts';

/** The charges of a claim (ChargeItem/1). */
export const chargesOfClaim = ({ item = [] }: Claim): string[] => item.flatMap(chargesOfLine);

/** The claim that this one replaces or takes back, where an operation made it so; a client's word alone is none. */
export async function correctedClaim(
  reader: Reader,
  claim: Claim & { id: string },
): Promise<(Claim & { id: string }) | undefined> {
  const prior = priorClaimOf(claim)?.claim;
  if (prior === undefined) return undefined;
  const holder = await holderOf(reader, correctionKey(prior));
  if (holder?.id !== claim.id) return undefined;
  const found = await resolve<Claim>(reader, 'Claim', { reference: prior });
  return found?.id === undefined ? undefined : changed(found, { id: found.id });
}

/** The billed charges of a visit that follow the chart again, because a draft replaces the claim that billed them. */
export async function chargesToCorrect(reader: Reader, encounter: string): Promise<Set<string>> {
  const charges = new Set<string>();
  for (const draft of await find<Claim>(reader, 'Claim', { encounter, status: 'draft' })) {
    if (draft.id === undefined || !isReplacement(draft)) continue;
    const prior = await correctedClaim(reader, changed(draft, { id: draft.id }));
    for (const charge of prior ? chargesOfClaim(prior) : []) charges.add(charge);
  }
  return charges;
}

/** The charges as they are to be compared with the chart: those of a claim that is replaced may change again. */
export const asCorrected = (charges: readonly ChargeItem[], of: ReadonlySet<string>): ChargeItem[] =>
  charges.map((charge) =>
    charge.status === 'billed' && of.has(referenceText(charge))
      ? changed(charge, { status: 'billable' as const })
      : charge,
  );
