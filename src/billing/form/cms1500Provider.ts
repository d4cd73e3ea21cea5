import type { Address, Location, Organization } from '@medplum/fhirtypes';
import { identifierOf } from '../../datatypes/identifier.ts';
import { knownAs } from '../../datatypes/known.ts';
import { extension, system } from '../../terminology/system.ts';
import { providerOf, signatureOf, type FormInput } from './claimFacts.ts';
import { mark, write, type Sheet } from './sheet.ts';
import { cityLine, digits, phoneOf, plain, shortDate, spokenName, streetLines } from './value.ts';

const ssn = 'http://hl7.org/fhir/sid/us-ssn';

/** Where a party is: not the address that bills are sent to, where there is another. */
export const streetOf = (addresses: readonly Address[] | undefined): Address | undefined =>
  addresses?.find((a) => a.use !== 'billing' && a.use !== 'old') ?? addresses?.find((a) => a.use !== 'old');

/** Boxes 25, 27, 31, 32 and 33: who bills, who signed, where it was. */
export function providerBoxes(sheet: Sheet, input: FormInput): void {
  const { claim, known } = input;
  const named = providerOf(known, claim.provider);
  const provider = named?.provider;
  const at = 'Claim.provider';
  const employer = digits(identifierOf(provider, system.taxId, system.ein));
  write(sheet, '25', employer === '' ? digits(identifierOf(provider, ssn)) : employer, at);
  if (employer !== '') mark(sheet, '25.ein');
  else if (identifierOf(provider, ssn) !== undefined) mark(sheet, '25.ssn');
  const accepts = signatureOf(claim, extension.acceptAssignment).value;
  if (accepts !== '') mark(sheet, `27.${accepts === 'C' ? 'no' : 'yes'}`);
  const signature = signatureOf(claim, extension.providerSignature);
  if (signature.value === 'Y') {
    write(sheet, '31', 'SIGNATURE ON FILE', 'Claim.extension');
    write(sheet, '31.date', shortDate(claim.created), 'Claim.created');
  }
  const { area, number } = phoneOf(provider?.telecom);
  write(sheet, '33.area', area, at);
  write(sheet, '33.phone', number, at);
  const street = streetOf(provider?.address);
  const name =
    provider?.resourceType === 'Practitioner' ? spokenName(provider.name) : plain(provider?.name ?? '');
  write(sheet, '33.1', name, at);
  write(sheet, '33.2', streetLines(street), at);
  write(sheet, '33.3', cityLine(street), at);
  write(sheet, '33a', identifierOf(provider, system.npi), at);
  if (named !== undefined && named.taxonomy !== '') write(sheet, '33b', `ZZ${named.taxonomy}`, at);
  facility(sheet, input, provider?.resourceType === 'Organization' ? provider : undefined);
}

/** Box 32: the place of service; its own NPI, else that of another organization that runs it. */
function facility(sheet: Sheet, { claim, known }: FormInput, biller: Organization | undefined): void {
  const location = knownAs<Location>(known, 'Location', claim.facility);
  if (!location) return;
  const owner = knownAs<Organization>(known, 'Organization', location.managingOrganization);
  const address = location.address ?? streetOf(owner?.address);
  const at = 'Claim.facility';
  write(sheet, '32.1', plain(location.name ?? owner?.name ?? ''), at);
  write(sheet, '32.2', streetLines(address), at);
  write(sheet, '32.3', cityLine(address), at);
  const ofOwner = owner?.id === biller?.id ? undefined : identifierOf(owner, system.npi);
  write(sheet, '32a', identifierOf(location, system.npi) ?? ofOwner, at);
}
