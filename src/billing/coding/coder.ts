import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import type { BillingCode, Coded, Coder } from '../../datatypes/chart.ts';
import { isUnlisted } from '../../terminology/hcpcs.ts';
import { dotted } from '../../terminology/icd10cm.ts';
import { serviceSystems } from '../../terminology/serviceCode.ts';
import { system } from '../../terminology/system.ts';
import { mapKey, usualSystem, type CodeMap, type MapTarget } from './codeMap.ts';

/** Modifiers share the system of HCPCS codes and are told apart by their length. */
const isModifier = (target: { readonly system: string; readonly code: string }): boolean =>
  (target.system === system.hcpcs || target.system === system.cpt) && target.code.length === 2;
const isService = (target: { readonly system: string; readonly code: string }): boolean =>
  serviceSystems.includes(target.system) && !isModifier(target);

/** ICD-10-CM as it is printed: upper case, with its dot. */
const plain = (code: string): string => dotted(code.trim().toUpperCase());

interface Placed {
  readonly system: string;
  readonly code: string;
  readonly coding: Coding;
}

const placed = (concept: CodeableConcept | undefined): Placed[] =>
  (concept?.coding ?? []).flatMap((coding) =>
    coding.system === undefined || coding.code === undefined
      ? []
      : [{ system: usualSystem(coding.system), code: coding.code, coding }],
  );

/** Turns chart codes into the codes of a bill: what is charted as a billing code stays, the rest goes through the map. */
export function coder(map: CodeMap): Coder {
  const targets = (p: Placed): readonly MapTarget[] => map.get(mapKey(p.system, p.code))?.targets ?? [];
  return {
    service: (concept) => service(map, concept),
    reasons: (concept) => {
      const codings = placed(concept);
      const charted = codings.find((c) => c.system === system.icd10cm);
      if (charted) return [plain(charted.code)];
      for (const c of codings) {
        const mapped = targets(c).filter((t) => t.system === system.icd10cm);
        if (mapped.length > 0) return mapped.map((t) => plain(t.code));
      }
      return [];
    },
    modifiers: (concept) =>
      placed(concept).flatMap((c) =>
        isModifier(c)
          ? [c.code]
          : targets(c)
              .filter(isModifier)
              .map((t) => t.code),
      ),
    to: (wanted, concept) => {
      const codings = placed(concept);
      const charted = codings.find((c) => c.system === wanted);
      if (charted) return charted.code;
      return codings.flatMap(targets).find((t) => t.system === wanted)?.code;
    },
  };
}

function service(map: CodeMap, concept: CodeableConcept | undefined): Coded {
  const codings = placed(concept);
  const charted = codings.find(isService);
  if (charted) {
    const { system: uri, code, coding } = charted;
    return { how: 'charted', codes: [{ system: uri, code }], from: coding };
  }
  for (const c of codings) {
    const targets = map.get(mapKey(c.system, c.code))?.targets.filter(isService) ?? [];
    if (targets.length > 0) {
      return { how: 'mapped', codes: targets.map((t) => target(t, c.coding, concept)), from: c.coding };
    }
  }
  const none = codings.find((c) => map.get(mapKey(c.system, c.code))?.unmatched === true);
  if (none) return { how: 'not-billable', codes: [], from: none.coding };
  const [first] = codings;
  return { how: 'no-map', codes: [], ...(first ? { from: first.coding } : {}) };
}

/** An unlisted code takes the charted words along, as the description of the line (billing rule 26). */
function target(t: MapTarget, coding: Coding, concept: CodeableConcept | undefined): BillingCode {
  const text = coding.display ?? concept?.text ?? `${coding.system ?? ''} ${coding.code ?? ''}`;
  return { system: t.system, code: t.code, ...(isUnlisted(t.code) ? { text } : {}) };
}
