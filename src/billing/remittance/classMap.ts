import type { ConceptMap } from '@medplum/fhirtypes';
import type { AdjustmentClass, ClassRow } from './adjustmentClass.ts';

const classes: readonly AdjustmentClass[] = [
  ...(['contractual', 'capitation', 'withhold', 'tax', 'penalty', 'bundled', 'denial'] as const),
  ...(['paid-to-patient', 'prior-payer', 'informational'] as const),
];
const isClass = (code: string | undefined): code is AdjustmentClass =>
  classes.some((known) => known === code);

/**
 * The rows that a ConceptMap adds to the table of classes: element.code `CO-45` (or `*-24`), target.code the class,
 * target.dependsOn property `payer` (Organization/1) and `remark` (a RARC) narrow it. See docs/decision/0036
 */
export const classRows = (map: ConceptMap): ClassRow[] =>
  map.status !== 'active'
    ? []
    : (map.group ?? []).flatMap((group) =>
        group.element.flatMap((element) => {
          const match = /^(CO|PR|OA|PI|\*)-([0-9A-Z]{1,5})$/.exec(element.code ?? '');
          if (!match) return [];
          const [, of = '*', reason = ''] = match;
          return (element.target ?? []).flatMap((target): ClassRow[] => {
            if (!isClass(target.code)) return [];
            const narrowed = (property: string): string | undefined =>
              target.dependsOn?.find((d) => d.property === property)?.value;
            const [payer, remark] = [narrowed('payer'), narrowed('remark')];
            return [
              {
                group: of as ClassRow['group'],
                reason,
                class: target.code,
                ...(payer === undefined ? {} : { payer }),
                ...(remark === undefined ? {} : { remark }),
              },
            ];
          });
        }),
      );
