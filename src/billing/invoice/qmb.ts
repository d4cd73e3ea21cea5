import type { Coverage, Patient } from '@medplum/fhirtypes';
import { contains } from '../../datatypes/date.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';

/** Whether a patient was a Qualified Medicare Beneficiary on a day, and whether what says so is complete. */
export interface QmbFact {
  readonly holds: boolean;
  readonly incomplete: boolean; // a fact without its source, or without its period
}

/**
 * What the extension `qmb` of a Patient or Coverage says of a day: `period` when it holds, `source` where it is known
 * from. A fact without a period holds always, so that nobody is billed because of a gap in the record.
 */
export function qmbOn(resource: Patient | Coverage | undefined, day: string): QmbFact {
  const facts = extensionsOf(resource, extension.qmb).map((fact) => ({
    period: extensionOf(fact, 'period')?.valuePeriod,
    source: extensionOf(fact, 'source')?.valueString,
  }));
  const holding = facts.filter(({ period }) => contains(period, day));
  return {
    holds: holding.length > 0,
    incomplete: holding.some(({ period, source }) => period?.start === undefined || source === undefined),
  };
}
