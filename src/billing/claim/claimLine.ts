import type { ChargeItem, Encounter, Location, Quantity } from '@medplum/fhirtypes';
import { centsOf, type Cents } from '../../datatypes/cents.ts';
import type { BillingCode } from '../../datatypes/chart.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { isAmbulance, isUnlisted } from '../../terminology/hcpcs.ts';
import { ndcOf } from '../../terminology/ndc.ts';
import { isDrugSystem, lineSystems } from '../../terminology/serviceCode.ts';
import { extension, modifierUrls, system } from '../../terminology/system.ts';
import type { Fill } from './fill.ts';
import type { OralService } from './oralSite.ts';

/** What a claim is: its Claim.type. */
export type ClaimForm = 'professional' | 'institutional' | 'oral' | 'pharmacy';
/** The forms of which a visit has one; dental services and dispensed drugs have claims of their own. */
export type VisitForm = 'professional' | 'institutional';

/** One charge, read as a claim line needs it. */
export interface ClaimLine {
  readonly charge: string; // ChargeItem/1
  readonly code: BillingCode;
  readonly modifiers: readonly string[];
  readonly revenue?: string;
  readonly drug?: { readonly ndc: string; readonly quantity?: Quantity };
  readonly units: number;
  readonly unitPrice?: Cents;
  readonly net: Cents;
  readonly start: string;
  readonly end: string;
  readonly reasons: readonly string[];
  readonly form: ClaimForm;
  readonly provider: string; // Organization/1, the billing provider
  readonly rendering?: string; // Practitioner/1
  readonly place: string; // CMS place of service
  readonly facility?: string; // Location/1
  readonly oral?: OralService; // of a dental service
  readonly dispense?: string; // MedicationDispense/1: the lines of one fill are one line of a claim
  readonly fill?: Fill;
}

/** What all lines of a visit share. */
export interface VisitSetting {
  readonly day: (dateTime: string) => string; // the calendar day where the visit was
  readonly form: VisitForm;
  readonly practice: string; // Organization/1
  readonly rendering?: string;
  readonly place: string;
  readonly facility?: string;
  readonly locations: ReadonlyMap<string, Location>;
  readonly oralOf?: (charted: string) => OralService | undefined; // Procedure/1
  readonly fillOf?: (charted: string) => Fill | undefined; // MedicationDispense/1
}

/** Reads a charge as a claim line; undefined when it has no code or no price that a claim can carry. */
export function claimLine(charge: ChargeItem & { id: string }, visit: VisitSetting): ClaimLine | undefined {
  const coding = charge.code.coding?.find((c) => lineSystems.includes(c.system ?? ''));
  const net = centsOf(charge.priceOverride);
  if (coding?.system === undefined || coding.code === undefined || net === undefined) return undefined;
  const { text } = charge.code;
  const revenue = extensionOf(charge, extension.revenueCode)?.valueCodeableConcept?.coding?.[0]?.code;
  const unitPrice = centsOf(extensionOf(charge, extension.unitPrice)?.valueMoney);
  const { start: from, end } = charge.occurrencePeriod ?? {};
  const begun = charge.occurrenceDateTime ?? from;
  const start = begun === undefined ? '' : visit.day(begun);
  const provider = charge.performingOrganization?.reference ?? visit.practice;
  const rendering =
    charge.performer?.find((p) => isPerson(p.actor.reference))?.actor.reference ?? visit.rendering;
  const facility =
    charge.supportingInformation?.find((r) => parseReference(r.reference)?.type === 'Location')?.reference ??
    visit.facility;
  const own = ownForm(coding.system);
  return {
    charge: `ChargeItem/${charge.id}`,
    code: {
      system: coding.system,
      code: coding.code,
      ...(text !== undefined && isUnlisted(coding.code) ? { text } : {}),
    },
    modifiers: extensionsOf(charge, modifierUrls).flatMap(
      (e) => e.valueCodeableConcept?.coding?.[0]?.code ?? [],
    ),
    ...(revenue === undefined ? {} : { revenue }),
    ...drugOf(charge),
    units: charge.quantity?.value ?? 1,
    ...(unitPrice === undefined ? {} : { unitPrice }),
    net,
    start,
    end: end === undefined ? start : visit.day(end),
    reasons: (charge.reason ?? []).flatMap((r) => codeOf(r, system.icd10cm) ?? []),
    form: own ?? (provider === visit.practice ? visit.form : 'professional'),
    provider,
    ...(rendering === undefined ? {} : { rendering }),
    place: placeOf(visit.locations.get(facility ?? '')) ?? usualPlace(coding.code, own) ?? visit.place,
    ...(facility === undefined ? {} : { facility }),
    ...chartedOf(charge, own, visit),
  };
}

/** The only form that a code can stand on: a CDT number is dental, an NDC as the code of a line a dispensed drug. */
export function ownForm(uri: string): 'oral' | 'pharmacy' | undefined {
  if (uri === system.cdt) return 'oral';
  return isDrugSystem(uri) ? 'pharmacy' : undefined;
}

const pharmacyPlace = '01';

const usualPlace = (code: string, form: ReturnType<typeof ownForm>): string | undefined =>
  form === 'pharmacy' ? pharmacyPlace : isAmbulance(code) ? '41' : undefined;

/** What the chart says of a dental service or a fill, where the charge names it. */
function chartedOf(
  charge: ChargeItem,
  form: ReturnType<typeof ownForm>,
  { oralOf, fillOf }: VisitSetting,
): Pick<ClaimLine, 'oral' | 'dispense' | 'fill'> {
  const charted = charge.service?.[0]?.reference;
  if (charted === undefined) return {};
  const oral = form === 'oral' ? oralOf?.(charted) : undefined;
  const fill = form === 'pharmacy' ? fillOf?.(charted) : undefined;
  return { ...(oral ? { oral } : {}), ...(fill ? { dispense: charted, fill } : {}) };
}

/** The drug of a charge: its product by NDC, with how much of it. One that is no NDC stays off the claim. */
function drugOf(charge: ChargeItem): Pick<ClaimLine, 'drug'> {
  const found = ndcOf(codeOf(charge.productCodeableConcept, system.ndc) ?? '');
  if (!('ndc' in found)) return {};
  const quantity = extensionOf(charge, extension.drugQuantity)?.valueQuantity;
  return { drug: { ndc: found.ndc, ...(quantity ? { quantity } : {}) } };
}

const isPerson = (reference: string | undefined): boolean =>
  ['Practitioner', 'PractitionerRole'].includes(parseReference(reference)?.type ?? '');

/** The place of service of a Location, where its type says so. */
export const placeOf = (location: Location | undefined): string | undefined =>
  location?.type
    ?.map((t) => codeOf(t, system.placeOfService, system.placeOfServiceShort))
    .find((code) => code !== undefined);

const placeByClass: Readonly<Record<string, string>> = {
  AMB: '11',
  IMP: '21',
  ACUTE: '21',
  NONAC: '21',
  OBSENC: '22',
  SS: '22',
  EMER: '23',
  HH: '12',
  VR: '02',
};

/** Where the visit was: the first Location that says so, else what its class usually means. */
export function visitPlace(
  encounter: Encounter,
  locations: ReadonlyMap<string, Location>,
): { readonly code: string; readonly facility?: string; readonly why: string } {
  for (const { location } of encounter.location ?? []) {
    const code = placeOf(locations.get(location.reference ?? ''));
    if (code !== undefined && location.reference !== undefined) {
      return { code, facility: location.reference, why: `the type of ${location.reference}` };
    }
  }
  const first = encounter.location?.[0]?.location.reference;
  const kind = encounter.class.code ?? '';
  return {
    code: placeByClass[kind] ?? '11',
    ...(first !== undefined && locations.has(first) ? { facility: first } : {}),
    why: `no Location says where, the class is ${kind}`,
  };
}

const inpatient: readonly (string | undefined)[] = ['IMP', 'ACUTE', 'NONAC'];
const institutionalClasses: readonly (string | undefined)[] = [...inpatient, 'OBSENC', 'SS', 'EMER'];
const institutionalPlaces: readonly string[] = ['19', '21', '22', '23', '31', '51', '61'];

export const isInpatient = (encounter: Encounter): boolean => inpatient.includes(encounter.class.code);

/** The claim form of a visit: as asked, else from its class and place. */
export const visitForm = (encounter: Encounter, place: string, asked: ClaimForm | undefined): VisitForm =>
  asked === 'professional' || asked === 'institutional'
    ? asked
    : institutionalClasses.includes(encounter.class.code) || institutionalPlaces.includes(place)
      ? 'institutional'
      : 'professional';
