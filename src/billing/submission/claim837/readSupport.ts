import type { Claim, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { concept } from '../../../datatypes/coding.ts';
import { changed } from '../../../datatypes/json.ts';
import { stillPatient } from '../../../terminology/admission.ts';
import { system } from '../../../terminology/system.ts';
import { segmentOf, segmentsOf, type Loop } from '../../../x12/loop.ts';
import { element, type Segment } from '../../../x12/segment.ts';
import { readPlaces } from './ambulance.ts';
import { readCodes, readStayCodes } from './billCodes.ts';
import type { ClaimFacts } from './claimSegment.ts';
import { readOral } from './dental.ts';
import { isAdmission, readInformation } from './readInformation.ts';
import type { ClaimForm } from './sending.ts';
import type { ReadSupport } from './support.ts';

/** What a claim that is read says beside its lines. */

const ownSegments = new Set(['CLM', 'CL1', 'HI', 'DN1', 'DN2']);

function isOwn(each: Segment, form: ClaimForm): boolean {
  const qualifier = element(each, 1);
  if (ownSegments.has(each.id)) return true;
  if (each.id === 'REF') return ['G1', '9F', 'F8', 'D9'].includes(qualifier);
  if (each.id !== 'DTP') return false;
  return qualifier === '434' || qualifier === '439' || (form === 'oral' && qualifier === '452');
}

/** Supporting information of loop 2300, without sequences. */
export function claimSupport(
  loop: Loop,
  form: ClaimForm,
  facts: ClaimFacts | undefined,
  add: Parameters<typeof readPlaces>[2],
): ReadSupport[] {
  const rest = loop.segments.filter((each) => !isOwn(each, form));
  const frequency = facts?.frequency ?? '1';
  const own = (code: string) => concept(system.supportingInfo, code);
  const bill = `0${facts?.place ?? ''}${frequency}`;
  const accident = segmentOf(loop, 'DTP', '439') !== undefined;
  const causes = accident ? (facts?.causes.slice(1) ?? []) : (facts?.causes ?? []);
  return [
    ...(form === 'institutional'
      ? [
          {
            category: concept(system.c4bbSupportingInfo, 'typeofbill'),
            code: concept(system.typeOfBill, bill),
          },
        ]
      : frequency === '1' || frequency === ''
        ? []
        : [{ category: own('claim-frequency'), code: concept(system.typeOfBill, frequency) }]),
    ...causes.map((code) => ({
      category: own('related-cause'),
      code: concept(system.x12RelatedCause, code),
    })),
    ...(facts === undefined || facts.delayReason === ''
      ? []
      : [{ category: own('delay-reason'), code: concept(system.delayReason, facts.delayReason) }]),
    ...(form === 'institutional' ? readStayCodes(segmentOf(loop, 'CL1')) : []),
    ...(form === 'oral' ? readOral(loop.segments) : []),
    ...readInformation(rest, form, 'claim'),
    ...readCodes(segmentsOf(loop, 'HI')).support,
    ...(form === 'professional' ? readPlaces(loop, ['2310E', '2310F'], add) : []),
  ];
}

/** Numbers supporting information; the same of several lines stands once. */
export class Numbering {
  readonly all: ClaimSupportingInfo[] = [];

  add(said: readonly ReadSupport[]): number[] {
    return said.map((info) => {
      const sequence = this.all.length + 1;
      this.all.push(changed(info, { sequence }));
      return sequence;
    });
  }
}

/** A stay ends with the bill, unless the patient is still there. */
export function finished(
  all: readonly ClaimSupportingInfo[],
  { billablePeriod }: Omit<Claim, 'insurance'>,
): ClaimSupportingInfo[] {
  const here = all.some((info) =>
    info.code?.coding?.some((c) => c.system === system.dischargeStatus && c.code === stillPatient),
  );
  const end = billablePeriod?.end;
  return all.map((info) =>
    isAdmission(info) && !here && end !== undefined
      ? changed(info, { timingPeriod: changed(info.timingPeriod ?? {}, { end }) })
      : info,
  );
}
