import type { ConceptMap } from '@medplum/fhirtypes';
import { system } from '../../terminology/system.ts';

/** One target of a chart code. */
export interface MapTarget {
  readonly system: string;
  readonly code: string;
}

/** What the ConceptMaps say about a chart code; `unmatched` when one says that it has no target. */
export interface MapEntry {
  readonly targets: readonly MapTarget[];
  readonly unmatched: boolean;
}

export type CodeMap = ReadonlyMap<string, MapEntry>;

export const mapKey = (source: string, code: string): string => `${source}|${code}`;

/** Other spellings of a system that the field uses, as the one that we use. */
export const usualSystem = (uri: string): string => spellings[uri] ?? uri;

const spellings: Readonly<Record<string, string>> = {
  [system.hcpcsHttp]: system.hcpcs,
  [system.icd10]: system.icd10cm,
  'urn:oid:2.16.840.1.113883.6.13': system.cdt,
};

/**
 * All active ConceptMaps as one: chart system and code → targets, in the order of the maps. Codes are matched as exact
 * strings. A code that one map has a target for and another does not is matched.
 * See https://hl7.org/fhir/R4/conceptmap.html
 */
export function buildCodeMap(maps: readonly ConceptMap[]): CodeMap {
  const entries = new Map<string, { targets: MapTarget[]; unmatched: boolean }>();
  for (const map of maps.filter((m) => m.status === 'active')) {
    for (const group of map.group ?? []) {
      const source = group.source ?? map.sourceUri ?? map.sourceCanonical;
      const target = group.target ?? map.targetUri ?? map.targetCanonical;
      if (source === undefined) continue;
      for (const element of group.element) {
        if (element.code === undefined) continue;
        const key = mapKey(usualSystem(source), element.code);
        const entry = entries.get(key) ?? { targets: [], unmatched: false };
        entries.set(key, entry);
        for (const { code, equivalence } of element.target ?? []) {
          if (equivalence === 'unmatched' || equivalence === 'disjoint') entry.unmatched = true;
          else if (code !== undefined && target !== undefined) addTarget(entry.targets, target, code);
        }
      }
    }
  }
  return entries;
}

function addTarget(targets: MapTarget[], uri: string, code: string): void {
  const target = usualSystem(uri);
  if (targets.some((t) => t.system === target && t.code === code)) return;
  targets.push({ system: target, code });
}
