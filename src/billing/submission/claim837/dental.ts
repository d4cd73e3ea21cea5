import type { Claim, ClaimItem, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { codeOf, concept } from '../../../datatypes/coding.ts';
import { system } from '../../../terminology/system.ts';
import { components, element, segment, type Segment } from '../../../x12/segment.ts';
import { categoryOf, ofLine, supportOf, type ReadSupport } from './support.ts';
import { daysOf, decimalText, dtp, numberOf } from './value.ts';

/** Dental claims: DN1 and DN2 of loop 2300, SV3 and TOO of loop 2400, each way. */

const c4bb = (code: string): ReadSupport['category'] => concept(system.c4bbSupportingInfo, code);

/** DN1 (orthodontics), DN2 (missing teeth) and the placement of the appliance. */
export function oralSegments(claim: Claim): Segment[] {
  const treatment = supportOf(claim, 'orthodontics')[0];
  const months = treatment?.valueQuantity?.value;
  return [
    ...(months === undefined ? [] : [segment('DN1', [decimalText(months)])]),
    ...dtp('452', treatment?.timingDate),
    ...supportOf(claim, 'missingtoothnumber').flatMap(({ code }) => {
      const tooth = codeOf(code, system.tooth);
      return tooth === undefined ? [] : [segment('DN2', [tooth, 'M', '', '', '', 'JP'])];
    }),
  ];
}

const surfaces = ({ subSite = [] }: ClaimItem): string[] =>
  subSite.flatMap((site) => codeOf(site, system.toothSurface) ?? []).slice(0, 5);

/** SV304 (areas of the mouth), SV305 (prosthesis) and the teeth of a line. */
export interface OralLine {
  readonly areas: string[];
  readonly prosthesis: string;
  readonly after: readonly Segment[]; // TOO, DTP*441
}

export function oralLine(claim: Claim, item: ClaimItem): OralLine {
  const said = ofLine(claim, item);
  const further = said.filter((info) => categoryOf(info) === 'additionalbodysite').map(({ code }) => code);
  const sites = [item.bodySite, ...further];
  const teeth = sites.flatMap((site) => codeOf(site, system.tooth) ?? []);
  const prosthesis = prosthesisOf(claim, item, said);
  return {
    areas: sites.flatMap((site) => codeOf(site, system.oralArea) ?? []).slice(0, 5),
    prosthesis: prosthesis === undefined ? '' : prosthesis.valueBoolean === true ? 'R' : 'I',
    after: [
      ...teeth.map((tooth) => segment('TOO', ['JP', tooth, surfaces(item)])),
      ...dtp('441', prosthesis?.timingDate),
    ],
  };
}

/** The prosthesis that a line points at; where no line does, that of the claim stands on the first. */
function prosthesisOf(
  claim: Claim,
  item: ClaimItem,
  said: readonly ClaimSupportingInfo[],
): ClaimSupportingInfo | undefined {
  const own = said.find((info) => categoryOf(info) === 'prosthesis');
  if (own) return own;
  const [any] = supportOf(claim, 'prosthesis');
  const pointed =
    claim.item?.some((each) => any && each.informationSequence?.includes(any.sequence)) === true;
  return !pointed && item === claim.item?.[0] ? any : undefined;
}

// From here on: the other way.

/** What DN1, DN2 and DTP*452 of a claim say. */
export function readOral(segments: readonly Segment[]): ReadSupport[] {
  const dn1 = segments.find(({ id }) => id === 'DN1');
  const placed = segments.find((each) => each.id === 'DTP' && element(each, 1) === '452');
  const months = dn1 ? numberOf(element(dn1, 1)) : undefined;
  const days = placed ? daysOf(element(placed, 2), element(placed, 3)) : undefined;
  const treatment: ReadSupport[] =
    months === undefined && !days
      ? []
      : [
          {
            category: c4bb('orthodontics'),
            ...(days ? { timingDate: days.start } : {}),
            ...(months === undefined
              ? {}
              : { valueQuantity: { value: months, unit: 'month', system: system.ucum, code: 'mo' } }),
          },
        ];
  const missing = segments
    .filter((each) => each.id === 'DN2' && element(each, 2) === 'M')
    .map((each) => ({ category: c4bb('missingtoothnumber'), code: concept(system.tooth, element(each, 1)) }));
  return [...treatment, ...missing];
}

export interface ReadOralLine {
  readonly item: Pick<ClaimItem, 'bodySite' | 'subSite'>;
  readonly support: readonly ReadSupport[]; // of the line
}

/** Sites, surfaces and prosthesis of a line: the first site stands on it, the others beside it. */
export function readOralLine(sv3: Segment, segments: readonly Segment[]): ReadOralLine {
  const teeth = segments.filter(({ id }) => id === 'TOO');
  const sites = [
    ...teeth.map((too) => concept(system.tooth, element(too, 2))),
    ...components(sv3, 4)
      .filter((area) => area !== '')
      .map((area) => concept(system.oralArea, area)),
  ];
  const first = teeth[0];
  const marks = first ? components(first, 3).filter((surface) => surface !== '') : [];
  const placed = segments.find((each) => each.id === 'DTP' && element(each, 1) === '441');
  const days = placed ? daysOf(element(placed, 2), element(placed, 3)) : undefined;
  const kind = element(sv3, 5);
  const [bodySite, ...further] = sites;
  return {
    item: {
      ...(bodySite ? { bodySite } : {}),
      ...(marks.length === 0 ? {} : { subSite: marks.map((mark) => concept(system.toothSurface, mark)) }),
    },
    support: [
      ...further.map((code) => ({ category: c4bb('additionalbodysite'), code })),
      ...(kind === ''
        ? []
        : [
            {
              category: c4bb('prosthesis'),
              ...(days ? { timingDate: days.start } : {}),
              valueBoolean: kind === 'R',
            },
          ]),
    ],
  };
}
