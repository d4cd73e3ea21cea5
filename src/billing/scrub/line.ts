import type { ChargeItem, Claim, ClaimItem } from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { isDate } from '../../datatypes/date.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { acceptedLineSystems } from '../../terminology/serviceCode.ts';
import { extension, system } from '../../terminology/system.ts';
import { knownAs, type ScrubInput } from './input.ts';

/** A service line of the claim, read apart. */
export interface Line {
  readonly item: ClaimItem;
  readonly at: string; // FHIRPath: Claim.item[0]
  readonly code: string | undefined; // HCPCS, CPT, CDT, NDC or compound
  readonly modifiers: readonly string[];
  readonly revenue: string | undefined;
  readonly place: string | undefined; // CMS place of service
  readonly from: string | undefined; // FHIR date
  readonly through: string | undefined;
  readonly units: number | undefined;
  readonly charges: readonly LineCharge[];
}

/** A ChargeItem the line bills; `charge` is undefined when it is not known here. */
export interface LineCharge {
  readonly at: string;
  readonly reference: string;
  readonly charge: ChargeItem | undefined;
}

/** Codes of a charge master alone are no codes of a bill. */
const codeSystems = acceptedLineSystems.filter((uri) => uri !== system.chargeMaster);

/** The day of a date or dateTime; undefined when it has none. */
export const dayOf = (text: string | undefined): string | undefined =>
  text !== undefined && isDate(text.slice(0, 10)) ? text.slice(0, 10) : undefined;

function chargesOf(item: ClaimItem, at: string, known: ScrubInput['known']): LineCharge[] {
  return extensionsOf(item, extension.chargeItem).map(({ valueReference }, i) => ({
    at: `${at}.extension('${extension.chargeItem}')[${i}]`,
    reference: valueReference?.reference ?? '',
    charge: knownAs<ChargeItem>(known, 'ChargeItem', valueReference),
  }));
}

/** The lines of a claim in its order. */
export const linesOf = (claim: Claim, known: ScrubInput['known']): Line[] =>
  (claim.item ?? []).map((item, i) => {
    const at = `Claim.item[${i}]`;
    const from = dayOf(item.servicedDate ?? item.servicedPeriod?.start);
    return {
      item,
      at,
      code: codeOf(item.productOrService, ...codeSystems),
      modifiers: (item.modifier ?? []).map((m) => m.coding?.[0]?.code ?? ''),
      revenue: codeOf(item.revenue, system.revenueCode),
      place: codeOf(item.locationCodeableConcept, system.placeOfService, system.placeOfServiceShort),
      from,
      through: item.servicedDate === undefined ? (dayOf(item.servicedPeriod?.end) ?? from) : from,
      units: item.quantity?.value,
      charges: chargesOf(item, at, known),
    };
  });

/** The places of all faults of one element of each line: flatMap with its line. */
export const placeOf = (line: Line, element: string): string => `${line.at}.${element}`;
