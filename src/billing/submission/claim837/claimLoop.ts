import { has } from '../../../datatypes/coding.ts';
import { priorClaimOf } from '../../../terminology/claimFrequency.ts';
import { system } from '../../../terminology/system.ts';
import type { Loop } from '../../../x12/loop.ts';
import { segment, type Segment } from '../../../x12/segment.ts';
import { ambulancePlaces } from './ambulance.ts';
import { codeSegments, stayCodes } from './billCodes.ts';
import { facilityLoops, memberLoops, membersOfClaim, unplacedMembers } from './careTeam.ts';
import { claimSegment } from './claimSegment.ts';
import { oralSegments } from './dental.ts';
import { diagnosisSegments } from './diagnosisCodes.ts';
import { informationSegments } from './information.ts';
import { lineLoop } from './line.ts';
import { lineAdjudications, otherPayerLoop, otherPayers, unbalanced } from './otherPayer.ts';
import type { Sending } from './sending.ts';
import { ofClaim } from './support.ts';
import { dateText, dtp, optional } from './value.ts';

/** Most lines of an 837 (billing rule 23). */
const mostLines = { professional: 50, institutional: 999, oral: 50 } as const;

/** Loop 2300: the claim with everything below it. */
export function claimLoop(sending: Sending): Loop {
  const { claim, form, problems } = sending;
  const others = otherPayers(sending);
  unbalanced(sending, others);
  unplacedMembers(sending);
  const items = claim.item ?? [];
  if (items.length > mostLines[form])
    problems.push({
      expression: 'Claim.item',
      text: `an 837 of this form takes ${mostLines[form]} lines`,
      refuses: true,
    });
  const said = ofClaim(claim);
  return {
    id: '2300',
    segments: [
      claimSegment(sending),
      ...claimDates(sending),
      ...stayCodes(sending),
      ...(form === 'oral' ? oralSegments(claim) : []),
      ...references(sending),
      ...informationSegments(sending, said),
      ...diagnosisSegments(sending),
      ...codeSegments(sending),
    ],
    loops: [
      ...memberLoops(sending, membersOfClaim(sending), 'claim'),
      ...facilityLoops(sending),
      ...(form === 'professional' ? ambulancePlaces(sending, said, ['2310E', '2310F']) : []),
      ...others.map((other) => otherPayerLoop(sending, other)),
      ...items.map((item, n) => lineLoop(sending, item, n + 1, lineAdjudications(others, item))),
    ],
  };
}

/** Statement dates of an institutional claim, the date of an accident of the others. */
function claimDates({ claim, form }: Sending): Segment[] {
  if (form !== 'institutional') return dtp('439', claim.accident?.date);
  const [start, end] = [dateText(claim.billablePeriod?.start), dateText(claim.billablePeriod?.end)];
  return start === '' ? [] : [segment('DTP', ['434', 'RD8', `${start}-${end === '' ? start : end}`])];
}

/** Authorisation, referral, the payer's number of the claim that is replaced, the clearinghouse's number. */
function references({ claim, form }: Sending): Segment[] {
  const focal = claim.insurance.find((insurance) => insurance.focal);
  const clearinghouse = claim.identifier?.find((i) => i.system === system.clearinghouseClaim)?.value ?? '';
  const state = form === 'institutional' ? (claim.accident?.locationAddress?.state ?? '') : '';
  const car = claim.accident?.type !== undefined && has(claim.accident.type, system.actCode, 'MVA');
  return [
    ...optional('REF', ['G1', focal?.preAuthRef?.[0] ?? ''], 2),
    ...optional('REF', ['9F', claim.referral?.identifier?.value ?? ''], 2),
    ...optional('REF', ['F8', priorClaimOf(claim)?.number ?? ''], 2),
    ...optional('REF', ['D9', clearinghouse], 2),
    ...(car ? optional('REF', ['LU', state], 2) : []),
  ];
}
