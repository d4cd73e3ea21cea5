import { looksLikeHcpcs } from '../../../terminology/hcpcs.ts';
import { diagnosisOn, serviceOn } from '../codes.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** Codes were looked up in editions in force on the day; otherwise it says once in which. It says least, so it is last. */
export const codeEdition: ScrubRule = {
  id: 'code-edition',
  source: 'billing rule 21; HCPCS and ICD-10-CM by year',
  carc: '181',
  cure: 'Load the edition of the year; until then the newest one that had begun is used.',
  severity: 'warning',
  check: (claim) => {
    const { diagnoses, lines, end, created } = claim;
    const on = end ?? created;
    const [icd, hcpcs] = [diagnosisOn(claim, '', on).edition, serviceOn(claim, '', on).edition];
    const old = [
      ...(diagnoses.length === 0 || icd.isInForce
        ? []
        : [{ at: 'Claim.diagnosis', text: `diagnoses were looked up in ICD-10-CM ${icd.name}` }]),
      ...(hcpcs.isInForce || !lines.some((l) => looksLikeHcpcs(l.code ?? ''))
        ? []
        : [{ at: 'Claim.item', text: `services were looked up in HCPCS Level II ${hcpcs.name}` }]),
    ];
    const [first] = old;
    if (first === undefined) return [];
    const text = `${old.map((o) => o.text).join(' and ')}, not in force on the day`;
    return [fault(old.length > 1 ? 'Claim' : first.at, text)];
  },
};
