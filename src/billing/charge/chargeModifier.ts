import type { ChargeItem } from '@medplum/fhirtypes';
import { extensionsOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { modifierUrls } from '../../terminology/system.ts';

/** HCPCS modifier of a procedure done on both sides. */
export const bilateralModifier = '50';

/** The modifiers of a charge, in order. */
export const chargeModifiers = (charge: Pick<ChargeItem, 'extension'>): string[] =>
  extensionsOf(charge, modifierUrls).flatMap((e) => e.valueCodeableConcept?.coding?.[0]?.code ?? []);

/** The charge as it would be without a modifier. */
export const withoutModifier = (charge: ChargeItem, modifier: string): ChargeItem =>
  changed(charge, {
    extension: (charge.extension ?? []).filter(
      (e) => !modifierUrls.includes(e.url) || e.valueCodeableConcept?.coding?.[0]?.code !== modifier,
    ),
  });
