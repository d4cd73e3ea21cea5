import type { Claim, ClaimItem } from '@medplum/fhirtypes';
import type { Authorized } from '../../datatypes/authorized.ts';
import { codeOf, has } from '../../datatypes/coding.ts';
import { contains, dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { acceptedLineSystems } from '../../terminology/serviceCode.ts';
import { extension, system } from '../../terminology/system.ts';

type Draft = Pick<Claim, 'insurance' | 'insurer' | 'patient' | 'provider' | 'careTeam' | 'item' | 'type'>;

/** Units that a line of a claim which was sent has used of a number. */
export interface Sent {
  readonly number: string;
  readonly code: string | undefined;
  readonly units: number;
}

const codeOfLine = (item: ClaimItem): string | undefined =>
  codeOf(item.productOrService, ...acceptedLineSystems);

/** The number of a line: its own, else that of the whole claim. */
export const numberOfLine = (claim: Pick<Claim, 'insurance'>, item: ClaimItem): string | undefined =>
  extensionOf(item, extension.preAuthRef)?.valueString ??
  claim.insurance.find(({ focal }) => focal)?.preAuthRef?.[0];

/** What the lines of a claim that was sent use of authorizations. */
export const usedOf = (claim: Claim): Sent[] =>
  (claim.item ?? []).flatMap((item) => {
    const number = numberOfLine(claim, item);
    return number === undefined ? [] : [{ number, code: codeOfLine(item), units: item.quantity?.value ?? 1 }];
  });

/** The units that are left of an authorization; undefined where it has no limit. */
export const unitsLeft = ({ number, codes, units }: Authorized, sent: readonly Sent[]): number | undefined =>
  units === undefined
    ? undefined
    : units -
      sent
        .filter((one) => one.number === number && (one.code === undefined || codes.includes(one.code)))
        .reduce((all, one) => all + one.units, 0);

/**
 * The claim with the numbers of the authorizations in hand: of its patient and payer, for the service, who gives it and the
 * day, with units left; of several the one that ends first. A number that chart or biller gave stays. Where lines have
 * several numbers, those that differ from the first name their own (837 loop 2400, REF*G1).
 */
export function authorizeLines<T extends Draft>(
  claim: T,
  inHand: readonly Authorized[],
  sent: readonly Sent[],
): T {
  const focal = claim.insurance.find((insurance) => insurance.focal);
  if (!focal || focal.preAuthRef !== undefined || inHand.length === 0) return claim;
  const numbers = numbersFor(claim, inHand, sent);
  const distinct = [...new Set(numbers.filter((number) => number !== undefined))];
  const [first] = distinct;
  if (first === undefined) return claim;
  // the institutional claim has one place for a number
  const isByLine = !has(claim.type, system.claimType, 'institutional');
  const item = claim.item?.map((line, n) => {
    const number = numbers[n];
    if (!isByLine || number === undefined || number === first) return line;
    const own = { url: extension.preAuthRef, valueString: number };
    return changed(line, { extension: [...(line.extension ?? []), own] });
  });
  return changed(claim, {
    insurance: claim.insurance.map((one) =>
      one.focal
        ? changed(one, {
            extension: [
              ...(one.extension ?? []),
              { url: extension.preAuthRef, valueString: first }, // it came of an authorization
            ],
            preAuthRef: isByLine ? distinct : [first],
          })
        : one,
    ),
    ...(item ? { item } : {}),
  } as Partial<T>);
}

/** The number of the authorization that each line is under, in the order of the lines. */
export function numbersFor(
  claim: Draft,
  inHand: readonly Authorized[],
  sent: readonly Sent[],
): (string | undefined)[] {
  const used: Sent[] = [...sent];
  return (claim.item ?? []).map((item) => {
    const found = fitting(claim, item, { inHand, sent: used });
    if (found) used.push({ number: found.number, code: codeOfLine(item), units: item.quantity?.value ?? 1 });
    return found?.number;
  });
}

interface Among {
  readonly inHand: readonly Authorized[];
  readonly sent: readonly Sent[];
}

/** The authorization that a line is under. */
function fitting(claim: Draft, item: ClaimItem, { inHand, sent }: Among): Authorized | undefined {
  const code = codeOfLine(item);
  const day = dateOf(item.servicedDate ?? item.servicedPeriod?.start ?? '');
  const last = dateOf(item.servicedPeriod?.end ?? day);
  if (code === undefined || day === '') return undefined;
  const payer = unversionedText(claim.insurer?.reference);
  const patient = unversionedText(claim.patient.reference);
  const renders = [claim.provider, ...(claim.careTeam ?? []).map((member) => member.provider)].map(
    ({ reference }) => unversionedText(reference),
  );
  const end = ({ period }: Authorized): string => period.end ?? '9999-12-31';
  return inHand
    .filter((one) => {
      const left = unitsLeft(one, sent);
      return (
        one.payer === payer &&
        one.patient === patient &&
        one.codes.includes(code) &&
        one.providers.some((provider) => renders.includes(provider)) &&
        contains(one.period, day) &&
        contains(one.period, last) &&
        (left === undefined || left >= (item.quantity?.value ?? 1))
      );
    })
    .sort((a, b) => (end(a) < end(b) ? -1 : end(a) > end(b) ? 1 : 0))[0];
}
