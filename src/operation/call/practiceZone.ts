import type { Encounter, Location, Organization, Parameters, Reference, Resource } from '@medplum/fhirtypes';
import { isTimeZone } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import type { Context } from '../../interaction/context.ts';
import { readQuietly, resolve } from '../../interaction/repository.ts';
import { wrongValue, type Issue } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';
import type { Target } from '../operation.ts';
import { parameter } from '../parameters.ts';

/** The time zone that days are counted in; `fault` when the one that is written down does not exist. */
export interface Zone {
  readonly zone: string; // IANA name
  readonly fault?: Issue;
}

type Place = Location | Organization;
const partsMax = 8; // how far up `partOf` is followed

/**
 * HL7's timezone extension on the first Location that has one (or that it is part of), else on the Organization (or
 * what it is part of), else the zone of the settings.
 */
export async function zoneAt(
  { timeZone }: Pick<Context, 'timeZone'>,
  reader: Reader,
  of: {
    readonly locations: readonly (Reference | undefined)[];
    readonly organization: Reference | undefined;
  },
): Promise<Zone> {
  for (const location of of.locations) {
    const found = await zoneOf<Location>(reader, 'Location', location);
    if (found) return found.fault ? { zone: timeZone, fault: found.fault } : found;
  }
  const found = await zoneOf<Organization>(reader, 'Organization', of.organization);
  return found?.fault ? { zone: timeZone, fault: found.fault } : (found ?? { zone: timeZone });
}

async function zoneOf<T extends Place>(
  reader: Reader,
  type: T['resourceType'],
  reference: Reference | undefined,
): Promise<Zone | undefined> {
  let next: Reference | undefined = reference;
  for (let up = 0; up < partsMax && next !== undefined; up += 1) {
    const place: Place | undefined = await resolve<T>(reader, type, next);
    const zone = extensionOf(place, extension.timeZone)?.valueCode;
    if (zone !== undefined) {
      if (isTimeZone(zone)) return { zone };
      const at = `${type}.extension('${extension.timeZone}').value`;
      const text = `${type}/${place?.id ?? ''} names a time zone that is not in the IANA database`;
      return { zone, fault: wrongValue('time-zone-unknown', at, text) };
    }
    next = place?.partOf;
  }
  return undefined;
}

/** Where a visit is: its Locations in order, then the practice. */
export const zoneOfVisit = (
  context: Pick<Context, 'timeZone'>,
  reader: Reader,
  { location, serviceProvider }: Encounter,
): Promise<Zone> =>
  zoneAt(context, reader, {
    locations: (location ?? []).map((l) => l.location),
    organization: serviceProvider,
  });

/** Where the practice is that an operation works for: today is counted there. */
export async function zoneOfCall(
  context: Pick<Context, 'timeZone'>,
  reader: Reader,
  { target, input }: { readonly target: Target; readonly input: Parameters },
): Promise<string> {
  const about = await subjectOf(reader, target, input);
  if (about?.resourceType === 'Encounter') return (await zoneOfVisit(context, reader, about)).zone;
  const organization = about && organizationOf(about);
  const locations = about?.resourceType === 'Claim' ? [about.facility] : [];
  return (await zoneAt(context, reader, { locations, organization })).zone;
}

/** What an operation is called on, or what its parameters name at type level. */
async function subjectOf(reader: Reader, target: Target, input: Parameters): Promise<Resource | undefined> {
  const { type, id } = target;
  if (type !== undefined && id !== undefined) {
    return isResourceType(type) ? readQuietly(reader, `${type}/${id}`) : undefined;
  }
  const given = parameter(input, 'resource')?.resource;
  if (given?.resourceType === 'Claim') return given;
  const named = ['encounter', 'account', 'chargeItem'].flatMap(
    (name) => parameter(input, name)?.valueReference ?? [],
  );
  return readQuietly(reader, named[0]?.reference);
}

function organizationOf(resource: Resource): Reference | undefined {
  switch (resource.resourceType) {
    case 'Claim':
    case 'ExplanationOfBenefit':
      return resource.provider;
    case 'Invoice':
      return resource.issuer;
    case 'Account':
      return resource.owner;
    case 'PaymentNotice':
      return resource.recipient;
    case 'ChargeItem':
      return resource.performingOrganization;
    default:
      return undefined;
  }
}
