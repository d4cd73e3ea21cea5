import type { ClaimItem, CodeableConcept, Quantity } from '@medplum/fhirtypes';
import { sum, times, toMoney, type Cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { sumUnits } from '../../datatypes/quantity.ts';
import { changed } from '../../datatypes/json.ts';
import { decided, type Issue } from '../../outcome/issue.ts';
import { compound } from '../../terminology/compound.ts';
import { isExternalCause } from '../../terminology/icd10cm.ts';
import { extension, system } from '../../terminology/system.ts';
import type { ClaimForm, ClaimLine } from './claimLine.ts';
import { siteSequences, type OralService } from './oralSite.ts';
import { limits, mergeKey, type Part } from './split.ts';

/** What the items of a claim refer to. */
export interface ItemSetting {
  readonly encounter: string; // Encounter/1
  readonly inpatient: boolean;
  readonly diagnoses: readonly string[]; // codes by sequence
  readonly careTeamSequence?: number;
  readonly furtherSites?: readonly CodeableConcept[]; // of an oral claim, by the sequence they have beside the lines
}

/** Charges that share a claim line, in order of the first. */
function merged(part: Part, inpatient: boolean): ClaimLine[][] {
  const groups = new Map<string, ClaimLine[]>();
  for (const line of part.lines) {
    const key = mergeKey(line, inpatient);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()];
}

/** The lines of a claim. No charge is lost: each is named by an extension of the item that bills it. */
export function items(part: Part, setting: ItemSetting, issues: Issue[]): ClaimItem[] {
  return merged(part, setting.inpatient).map((lines, i) =>
    item(part, lines, { ...setting, sequence: i + 1, issues }),
  );
}

function item(
  part: Part,
  lines: readonly ClaimLine[],
  setting: ItemSetting & { readonly sequence: number; readonly issues: Issue[] },
): ClaimItem {
  const [line] = lines;
  if (!line) throw new RangeError('a claim line is made of at least one charge');
  const { sequence, encounter, careTeamSequence, issues } = setting;
  const units = sumUnits(lines.map((l) => l.units));
  const net: Cents = sum(lines.map((l) => l.net));
  const start = lines.map((l) => l.start).sort()[0] ?? line.start;
  const end =
    lines
      .map((l) => l.end)
      .sort()
      .at(-1) ?? line.end;
  const quantity = handedOver(line) ?? { value: units };
  const exact = line.unitPrice !== undefined && times(quantity.value ?? 0, line.unitPrice) === net;
  const pointers = pointersOf(part.form, line, setting.diagnoses);
  const place = `Claim.item[${(sequence - 1).toString()}]`;
  const named = `${line.code.code} × ${units.toString()} from ${lines.map((l) => l.charge).join(', ')}`;
  issues.push(decided('line', place, named));
  if (pointers.length > 0) {
    const why = line.reasons.length > 0 ? 'what the service was for' : 'the first diagnosis of the visit';
    issues.push(decided('diagnosis-pointer', `${place}.diagnosisSequence`, `${pointers.join(', ')}: ${why}`));
  }
  return {
    extension: lines.map((l) => ({ url: extension.chargeItem, valueReference: { reference: l.charge } })),
    sequence,
    ...(careTeamSequence === undefined ? {} : { careTeamSequence: [careTeamSequence] }),
    ...(pointers.length > 0 ? { diagnosisSequence: pointers } : {}),
    ...(line.revenue !== undefined && part.form === 'institutional'
      ? { revenue: concept(system.revenueCode, line.revenue) }
      : {}),
    productOrService: billedAs(line),
    ...(line.modifiers.length > 0 ? { modifier: line.modifiers.map((m) => concept(system.hcpcs, m)) } : {}),
    ...(start === end ? { servicedDate: start } : { servicedPeriod: { start, end } }),
    locationCodeableConcept: concept(system.placeOfService, line.place),
    quantity,
    ...(exact ? { unitPrice: toMoney(line.unitPrice) } : {}),
    net: toMoney(net),
    encounter: [{ reference: encounter }],
    ...(line.oral ? oralPlace(line.oral, setting.furtherSites ?? []) : {}),
    ...(line.fill?.isCompound === true
      ? ingredientsOf(lines)
      : part.form === 'pharmacy'
        ? {}
        : detailOf(lines)),
  };
}

/** What a line is for; a compound drug has one code, its ingredients stand below. */
const billedAs = ({ code, fill }: ClaimLine): ClaimItem['productOrService'] =>
  fill?.isCompound === true
    ? concept(system.c4bbCompound, compound)
    : {
        coding: [{ system: code.system, code: code.code }],
        ...(code.text === undefined ? {} : { text: code.text }),
      };

/** Of a fill what was handed over: NCPDP 442-E7 and 600-28. */
function handedOver({ fill, drug }: ClaimLine): Quantity | undefined {
  if (!fill) return undefined;
  return fill.isCompound ? fill.quantity : (drug?.quantity ?? fill.quantity);
}

/** Where in the mouth: the first site on the line, the others beside it; surfaces are those of all its teeth. */
const oralPlace = (
  oral: OralService,
  further: readonly CodeableConcept[],
): Pick<ClaimItem, 'bodySite' | 'subSite' | 'informationSequence'> => {
  const [first] = oral.sites;
  const informationSequence = siteSequences(oral, further);
  return {
    ...(first ? { bodySite: first } : {}),
    ...(oral.surfaces.length > 0 ? { subSite: [...oral.surfaces] } : {}),
    ...(informationSequence.length > 0 ? { informationSequence } : {}),
  };
};

/** The ingredients of a compound, each with its NDC, amount and charge (NCPDP compound segment). */
function ingredientsOf(lines: readonly ClaimLine[]): Pick<ClaimItem, 'detail'> {
  const detail = lines
    .filter((l) => l.drug !== undefined)
    .map((l, i) => ({
      sequence: i + 1,
      productOrService: concept(system.ndc, l.drug?.ndc ?? ''),
      ...(l.drug?.quantity ? { quantity: l.drug.quantity } : {}),
      net: toMoney(l.net),
    }));
  return detail.length === 0 ? {} : { detail };
}

/** The drug of a line stands below it (837 loop 2410): NDC, and how much of it all its charges take. */
function detailOf(lines: readonly ClaimLine[]): Pick<ClaimItem, 'detail'> {
  const drug = lines[0]?.drug;
  if (drug === undefined) return {};
  const amounts = lines.flatMap((l) => l.drug?.quantity?.value ?? []);
  const quantity =
    drug.quantity && amounts.length === lines.length
      ? { quantity: changed(drug.quantity, { value: sumUnits(amounts) }) }
      : {};
  return { detail: [{ sequence: 1, productOrService: concept(system.ndc, drug.ndc), ...quantity }] };
}

/** At most four; what the service was for, else the first diagnosis; an external cause never first (rules 20, 24). */
function pointersOf(form: ClaimForm, line: ClaimLine, diagnoses: readonly string[]): number[] {
  const { pointers: most } = limits[form];
  if (most === 0 || diagnoses.length === 0) return [];
  const own = line.reasons.flatMap((code) => {
    const at = diagnoses.indexOf(code);
    return at < 0 ? [] : [at + 1];
  });
  const external = (sequence: number): boolean => isExternalCause(diagnoses[sequence - 1] ?? '');
  const ordered = [...own.filter((s) => !external(s)), ...own.filter(external)];
  const [leading] = ordered;
  const pointers = leading === undefined || external(leading) ? [1, ...ordered] : ordered;
  return [...new Set(pointers)].slice(0, most);
}
