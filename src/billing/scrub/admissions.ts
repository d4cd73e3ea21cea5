import { addDays } from '../../datatypes/date.ts';
import { parseReference } from '../../datatypes/reference.ts';
import type { Admission } from './input.ts';
import type { Line } from './line.ts';
import type { ClaimView } from './view.ts';

/**
 * Days before an admission whose outpatient services are paid with the stay: three; one for hospitals that are exempt
 * from prospective payment (psychiatric, rehabilitation, children's, cancer, long-term care); none for critical access
 * hospitals. The kind of a hospital is told by its taxonomy.
 */
function daysBefore({ taxonomies }: Admission): number {
  if (taxonomies.some((code) => /^282NC0060X$|^275N/.test(code))) return 0;
  return taxonomies.some((code) => /^(28[1347]|282E|282NC2000X|273R|273Y|283Q|283X)/.test(code)) ? 1 : 3;
}

/** Who bills: the organization, and the one that it is part of. */
const billersOf = ({ claim, biller }: ClaimView): string[] => {
  const owner = biller?.resourceType === 'Organization' ? biller.partOf : undefined;
  return [claim.provider.reference, owner?.reference].flatMap((reference) => {
    const target = parseReference(reference);
    return target ? [`${target.type}/${target.id}`] : [];
  });
};

/** The stays by the biller's hospital, or one of the same owner, whose window holds a line. */
export function staysAround(claim: ClaimView, { from }: Line): Admission[] {
  if (from === undefined) return [];
  const billers = billersOf(claim);
  return (claim.admissions ?? []).filter((one) => {
    const days = daysBefore(one);
    return (
      days > 0 &&
      one.hospital.some((name) => billers.includes(name)) &&
      from <= one.from &&
      from >= addDays(one.from, -days)
    );
  });
}

/** Diagnostic services by their revenue codes: they are paid with the stay, related to it or not. */
const diagnostic =
  /^0?(254|255|30\d|31\d|32\d|341|343|35\d|371|372|40\d|46\d|471|481|482|483|489|53\d|61\d|62\d|73\d|74\d|918|92\d)$/;
export const isDiagnostic = ({ revenue }: Line): boolean => diagnostic.test(revenue ?? '');

/** Ambulance and dialysis are never paid with a stay. */
export const isApart = ({ revenue }: Line): boolean => /^0?(54\d|8[2-8]\d)$/.test(revenue ?? '');
