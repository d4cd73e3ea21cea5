import type { ClaimCareTeam } from '@medplum/fhirtypes';
import { identifierOf } from '../../datatypes/identifier.ts';
import { system } from '../../terminology/system.ts';
import { membersOf, providerOf, supportOf, type FormInput } from './claimFacts.ts';
import { attachmentText } from './cms1500Condition.ts';
import { tell, write, type Sheet } from './sheet.ts';
import { plain } from './value.ts';

/** Form locators 76 to 81: who treated, remarks, the taxonomy of the biller (837I 2310, NTE, PRV). */
export function teamBoxes(sheet: Sheet, input: FormInput): void {
  const { claim, known } = input;
  const [attending] = membersOf(claim, 'attending');
  const [operating] = membersOf(claim, 'operating');
  memberBoxes(sheet, input, 'team.76', attending, undefined);
  memberBoxes(sheet, input, 'team.77', operating, undefined);
  const others = [
    ...membersOf(claim, 'referring').map((m) => ['DN', m] as const),
    ...membersOf(claim, 'otheroperating').map((m) => ['ZZ', m] as const),
    ...membersOf(claim, 'rendering', 'primary').map((m) => ['82', m] as const),
  ];
  others.slice(0, 2).forEach(([qualifier, member], i) => {
    memberBoxes(sheet, input, `team.${78 + i}`, member, qualifier);
  });
  if (others.length > 2)
    tell(
      sheet,
      'Claim.careTeam',
      'a UB-04 takes 2 other providers: the further ones do not stand on the form',
    );
  remarks(sheet, input);
  const taxonomy = providerOf(known, claim.provider)?.taxonomy ?? '';
  if (taxonomy !== '') {
    write(sheet, '81.1.qualifier', 'B3', 'Claim.provider');
    write(sheet, '81.1', taxonomy, 'Claim.provider');
  }
}

function memberBoxes(
  sheet: Sheet,
  { known }: FormInput,
  box: string,
  member: ClaimCareTeam | undefined,
  qualifier: string | undefined,
): void {
  if (!member) return;
  const at = `Claim.careTeam.where(sequence = ${member.sequence})`;
  const named = providerOf(known, member.provider)?.provider;
  if (qualifier !== undefined) write(sheet, `${box}.qualifier`, qualifier, at);
  write(sheet, `${box}.npi`, identifierOf(named, system.npi), at);
  if (named?.resourceType === 'Practitioner') {
    const name = named.name?.find((n) => n.use === 'official') ?? named.name?.[0];
    write(sheet, `${box}.last`, plain(name?.family ?? ''), at);
    write(sheet, `${box}.first`, plain(name?.given?.[0] ?? ''), at);
  } else write(sheet, `${box}.last`, plain(named?.name ?? ''), at);
}

/** Form locator 80: notes and numbers of attachments, four lines. */
function remarks(sheet: Sheet, { claim }: FormInput): void {
  const written = [
    ...supportOf(claim, 'claim-note').map((s) => s.valueString ?? ''),
    ...supportOf(claim, 'attachment').map((s) => attachmentText(s, claim)),
  ].filter((text) => text.trim() !== '');
  written.slice(0, 4).forEach((text, i) => {
    write(sheet, `80.${i + 1}`, text, 'Claim.supportingInfo');
  });
  if (written.length > 4)
    tell(sheet, 'Claim.supportingInfo', 'box 80 takes 4 lines: the further remarks do not stand on the form');
}
