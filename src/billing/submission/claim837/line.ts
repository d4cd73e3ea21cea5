import type { ClaimItem, ClaimItemDetail, CodeableConcept } from '@medplum/fhirtypes';
import { centsOf, zero } from '../../../datatypes/cents.ts';
import { codeOf, codingOf } from '../../../datatypes/coding.ts';
import { extensionOf } from '../../../datatypes/extension.ts';
import { ndcOf, ndcSystems } from '../../../terminology/ndc.ts';
import { extension, system } from '../../../terminology/system.ts';
import type { Loop } from '../../../x12/loop.ts';
import { segment, type Segment, type Value } from '../../../x12/segment.ts';
import { ambulancePlaces } from './ambulance.ts';
import { memberLoops, membersOfLine } from './careTeam.ts';
import { placeOf } from './claimSegment.ts';
import { oralLine } from './dental.ts';
import { pointersOf } from './diagnosisCodes.ts';
import { informationSegments } from './information.ts';
import type { Sending } from './sending.ts';
import { ofLine } from './support.ts';
import { amountText, decimalText, dtp, text, unitsText } from './value.ts';

/** A service line: loop 2400 with the drug (2410) and who took part (2420). Its reading is readLine.ts. */

const procedureSystems = [system.hcpcs, system.hcpcsHttp, system.cpt, system.cdt];

/** SV101, SV202 and SV301: code, up to four modifiers, and the words of an unlisted code. */
export function procedureParts(item: Pick<ClaimItem, 'productOrService' | 'modifier'>): string[] {
  const coding = codingOf(item.productOrService, ...procedureSystems);
  if (coding?.code === undefined) return [];
  const modifiers = (item.modifier ?? []).map((m) => m.coding?.[0]?.code ?? '').slice(0, 4);
  const words = text(item.productOrService.text, 80);
  return [
    coding.system === system.cdt ? 'AD' : 'HC',
    coding.code,
    ...[0, 1, 2, 3].map((n) => modifiers[n] ?? ''),
    words,
  ];
}

/** REF*6R: fixed for each line, within thirty characters (billing rule 28). */
export const lineNumber = (item: ClaimItem, claim: string): string =>
  extensionOf(item, extension.lineControlNumber)?.valueString ?? `${claim}-${item.sequence}`.slice(-30);

/** REF*G1 of a line that has another authorization than the claim: professional and dental claims only. */
const authorizationOf = (item: ClaimItem): Segment[] => {
  const number = extensionOf(item, extension.preAuthRef)?.valueString;
  return number === undefined ? [] : [segment('REF', ['G1', text(number, 50)])];
};

export function lineLoop(
  sending: Sending,
  item: ClaimItem,
  number: number,
  adjudications: readonly Loop[],
): Loop {
  const { claim } = sending;
  const said = ofLine(claim, item);
  const service = serviceSegments(sending, item);
  return {
    id: '2400',
    segments: [
      segment('LX', [String(number)]),
      ...service,
      ...servedOn(item),
      ...authorizationOf(item),
      segment('REF', ['6R', lineNumber(item, sending.number)]),
      ...informationSegments(sending, said),
    ],
    loops: [
      ...drugLoops(sending, item),
      ...memberLoops(sending, membersOfLine(sending, item), 'line'),
      ...(sending.form === 'professional' ? ambulancePlaces(sending, said, ['2420G', '2420H']) : []),
      ...adjudications,
    ],
  };
}

function servedOn({ servicedDate, servicedPeriod }: ClaimItem): Segment[] {
  if (servicedPeriod) return dtp('472', servicedPeriod.start, servicedPeriod.end);
  return dtp('472', servicedDate);
}

function serviceSegments(sending: Sending, item: ClaimItem): Segment[] {
  const amount = amountText(centsOf(item.net) ?? zero);
  const [unit, units] = unitsText(item.quantity);
  const procedure = procedureParts(item);
  const { form } = sending;
  if (form === 'institutional') {
    const revenue = codeOf(item.revenue, system.revenueCode) ?? '';
    return [segment('SV2', [revenue.padStart(4, '0'), procedure, amount, unit, units])];
  }
  const place = ownPlace(sending, item.locationCodeableConcept);
  const pointers = pointersOf(sending, item.diagnosisSequence).slice(0, 4);
  if (form === 'oral') {
    const oral = oralLine(sending.claim, item);
    const values: Value[] = [
      procedure,
      amount,
      place,
      oral.areas,
      oral.prosthesis,
      units,
      '',
      '',
      '',
      '',
      pointers,
    ];
    return [segment('SV3', values), ...oral.after];
  }
  const flags = indicators(item.programCode);
  return [
    segment('SV1', [
      procedure,
      amount,
      unit,
      units,
      place,
      '',
      pointers,
      '',
      flags.has('emergency') ? 'Y' : '',
      '',
      flags.has('epsdt') ? 'Y' : '',
      flags.has('family-planning') ? 'Y' : '',
      '',
      '',
      flags.has('copay-exempt') ? '0' : '',
    ]),
  ];
}

const indicators = (codes: readonly CodeableConcept[] | undefined): Set<string> =>
  new Set((codes ?? []).flatMap((code) => codeOf(code, system.serviceIndicator) ?? []));

/** SV105, SV303: only where the line was served elsewhere than the claim says. */
function ownPlace({ claim }: Sending, place: CodeableConcept | undefined): string {
  const code = codeOf(place, system.placeOfService, system.placeOfServiceShort) ?? '';
  return code === placeOf(claim) ? '' : code;
}

/** CTP05: units of a drug by UCUM. */
export const drugUnits: Readonly<Record<string, string>> = {
  '[iU]': 'F2',
  g: 'GR',
  mg: 'ME',
  mL: 'ML',
  '1': 'UN',
};

/** LIN and CTP: the drug of a line, by its NDC (billing rule 26). */
function drugLoops({ form, problems }: Sending, item: ClaimItem): Loop[] {
  const drugs = (item.detail ?? []).filter((d) => codeOf(d.productOrService, ...ndcSystems) !== undefined);
  if (drugs.length === 0) return [];
  if (form === 'oral' || drugs.length > 1) {
    problems.push({
      expression: `Claim.item.where(sequence = ${item.sequence}).detail`,
      text:
        form === 'oral' ? 'an 837D has no drugs' : 'a line of an 837 has one drug; the others are left out',
    });
  }
  return form === 'oral' ? [] : drugs.slice(0, 1).map(drugLoop);
}

function drugLoop({ productOrService, quantity }: ClaimItemDetail): Loop {
  const code = codeOf(productOrService, ...ndcSystems) ?? '';
  const found = ndcOf(code);
  const unit = drugUnits[quantity?.code ?? '1'] ?? 'UN';
  const amount = quantity?.value === undefined ? '' : decimalText(quantity.value);
  return {
    id: '2410',
    segments: [
      segment('LIN', ['', 'N4', 'ndc' in found ? found.ndc : code]),
      segment('CTP', ['', '', '', amount, amount === '' ? '' : [unit]]),
    ],
    loops: [],
  };
}
