import { covers } from '../../../terminology/edition.ts';
import { hcpcsEdition, looksLikeHcpcs } from '../../../terminology/hcpcs.ts';
import { icd10cmEdition } from '../../../terminology/icd10cm.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Codes were looked up in an edition in force on the day; otherwise it says in which. */
export const codeEdition: ScrubRule = {
  id: 'code-edition',
  source: 'billing rule 21; HCPCS and ICD-10-CM by year',
  carc: '181',
  cure: 'Load the edition of the year; until then the newest one that had begun is used.',
  severity: 'warning',
  check: ({ diagnoses, lines, end, created }) => {
    const on = end ?? created;
    const [icd, hcpcs] = [icd10cmEdition(on), hcpcsEdition(on)];
    return [
      ...unless(
        diagnoses.length === 0 || covers(icd, on),
        'Claim.diagnosis',
        `diagnoses were looked up in ICD-10-CM ${icd.name}, which is not in force on the day`,
      ),
      ...unless(
        covers(hcpcs, on) || !lines.some((l) => looksLikeHcpcs(l.code ?? '')),
        'Claim.item',
        `services were looked up in HCPCS Level II ${hcpcs.name}, which is not in force on the day`,
      ),
    ];
  },
};
