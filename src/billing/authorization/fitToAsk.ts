import type { Claim } from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { businessFault, missing, type Issue } from '../../outcome/issue.ts';
import { acceptedLineSystems } from '../../terminology/serviceCode.ts';
import { system } from '../../terminology/system.ts';

/** Every fault for which a payer could not decide on a request: what is asked, for whom, of whom and for when. */
export function faultsOfRequest(claim: Claim): Issue[] {
  const { item = [], insurer, insurance, billablePeriod, provider } = claim;
  const faults: Issue[] = [];
  if (insurer?.reference === undefined)
    faults.push(missing('payer-missing', 'Claim.insurer', 'the request names no payer'));
  if (!insurance.some(({ focal, coverage }) => focal && coverage.reference !== undefined))
    faults.push(missing('coverage-unknown', 'Claim.insurance', 'the request names no coverage of the payer'));
  if (provider.reference === undefined)
    faults.push(missing('provider-missing', 'Claim.provider', 'the request does not say who asks'));
  if (item.length === 0)
    faults.push(missing('nothing-to-authorize', 'Claim.item', 'the request names no service'));
  for (const [n, line] of item.entries()) {
    const at = `Claim.item[${n.toString()}]`;
    const isNamed =
      codeOf(line.productOrService, ...acceptedLineSystems, system.icd10pcs, system.x12ServiceType) !==
        undefined || codeOf(line.revenue, system.revenueCode) !== undefined;
    if (!isNamed && line.category === undefined)
      faults.push(
        missing(
          'service-code-missing',
          `${at}.productOrService`,
          'the service has no code that a payer knows',
        ),
      );
    const quantity = line.quantity?.value;
    if (quantity !== undefined && quantity <= 0)
      faults.push(
        businessFault(
          'quantity-not-positive',
          `${at}.quantity`,
          'the units that are asked for are not positive',
        ),
      );
    const { servicedDate, servicedPeriod } = line;
    if (servicedDate === undefined && servicedPeriod === undefined && billablePeriod === undefined)
      faults.push(
        missing('service-date-missing', `${at}.serviced`, 'the request does not say for when it is'),
      );
    const { start, end } = servicedPeriod ?? billablePeriod ?? {};
    if (start !== undefined && end !== undefined && end < start)
      faults.push(businessFault('period-reversed', `${at}.serviced`, 'the period ends before it begins'));
  }
  return faults;
}
