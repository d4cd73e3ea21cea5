import type { Claim, ClaimResponse, Coverage } from '@medplum/fhirtypes';
import { changed, without } from '../../datatypes/json.ts';
import { ofCase } from './episodeCase.ts';
import { extension } from '../../terminology/system.ts';

/** The claim for the payer after the one that answered. */
export interface NextPayer {
  readonly claim: Claim; // answered
  readonly response: ClaimResponse & { id: string };
  readonly coverage: Coverage; // of the next payer: Claim.insurance of the sequence after the focal one
  readonly created: string; // FHIR date
}

/** The sequence of the payer after the one a claim went to; undefined when nobody follows. */
export function nextSequence(claim: Claim): number | undefined {
  const focal = claim.insurance.find((i) => i.focal)?.sequence ?? 1;
  return claim.insurance
    .map((i) => i.sequence)
    .filter((s) => s > focal)
    .sort((a, b) => a - b)[0];
}

/**
 * The draft claim for the next payer: the same lines and charges, the earlier payer's answer in its
 * insurance.claimResponse (billing rule 45; 837 loops 2320 and 2430 are read from there).
 */
export function nextPayerClaim({ claim, response, coverage, created }: NextPayer): Claim {
  const focal = claim.insurance.find((i) => i.focal)?.sequence ?? 1;
  const next = nextSequence(claim);
  // what a former system said of the claim is not said of the one that follows it
  const kept = (claim.extension ?? []).filter(
    (e) => e.url !== extension.broughtForward && e.url !== extension.formerAnswer,
  );
  const told = (claim.supportingInfo ?? []).filter(({ id }) => id?.startsWith(ofCase) !== true);
  return changed(without(claim, 'id', 'meta', 'identifier', 'extension', 'supportingInfo'), {
    ...(kept.length > 0 ? { extension: kept } : {}),
    status: 'draft',
    created,
    ...(told.length > 0 ? { supportingInfo: told } : {}),
    insurer: { reference: coverage.payor[0]?.reference ?? '' },
    insurance: claim.insurance.map((insurance) =>
      changed(insurance, {
        focal: insurance.sequence === next,
        ...(insurance.sequence === focal
          ? { claimResponse: { reference: `ClaimResponse/${response.id}` } }
          : {}),
      }),
    ),
  });
}
