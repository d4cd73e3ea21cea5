import { expect, test } from '@jest/globals';
import type { Claim } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { rules } from '../../../src/billing/scrub/rules/index.ts';
import { scrub } from '../../../src/billing/scrub/scrub.ts';
import { codeOf } from '../../../src/datatypes/coding.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { system } from '../../../src/terminology/system.ts';
import { faultsOf, readTransactions } from '../../../src/x12/read.ts';
import { generatedClaim, type Form, type GeneratedClaim } from '../../fixture/generatedClaim.ts';
import { written } from '../../fixture/written837.ts';
import { runsOf } from '../../runs.ts';

const runs = runsOf({ usual: 20, long: 334 }); // three forms: 60, 1,000
const forms: readonly Form[] = ['professional', 'institutional', 'oral'];

/** What the generator varies freely is made to agree, as the chart of a practice would have it. */
function agreeing({ form, claim, resources }: GeneratedClaim): GeneratedClaim {
  const items = claim.item ?? [];
  const days = items.flatMap((i) => [i.servicedDate, i.servicedPeriod?.start, i.servicedPeriod?.end]);
  const sorted = [...days, claim.created, claim.billablePeriod?.end]
    .flatMap((d) => d?.slice(0, 10) ?? [])
    .sort();
  const [first = claim.created, last = claim.created] = [sorted[0], sorted.at(-1)];
  const insurance = claim.insurance
    .filter((i) => i.focal || i.claimResponse)
    .map((i, n) => ({ ...i, sequence: n + 1 }));
  const isStay = codeOf(claim.subType, system.c4bbInstitutionalSubType) === 'inpatient';
  const stays: Partial<Claim> = {
    diagnosis: (claim.diagnosis ?? []).map((d) =>
      isStay ? { ...d, onAdmission: { coding: [{ system: system.presentOnAdmission, code: 'Y' }] } } : d,
    ),
    item: items.map((i) => {
      const isRoom = /^0?(1\d\d|2[01]\d)$/.test(codeOf(i.revenue, system.revenueCode) ?? '');
      const revenue = isRoom ? { coding: [{ system: system.revenueCode, code: '0300' }] } : i.revenue;
      const isCoded = codeOf(i.productOrService, system.hcpcs, system.cpt) !== undefined;
      const service = { coding: [{ system: system.hcpcs, code: 'G0463' }] };
      return {
        ...i,
        ...(revenue ? { revenue } : {}),
        productOrService: isCoded || isStay ? i.productOrService : service,
      };
    }),
  };
  const agreed: Claim = {
    ...claim,
    ...(form === 'institutional' ? stays : {}),
    created: last,
    insurance,
    ...(claim.accident ? { accident: { ...claim.accident, date: first } } : {}),
    ...(claim.supportingInfo
      ? {
          supportingInfo: claim.supportingInfo.map((s) =>
            s.code?.coding?.[0]?.code === 'X4' ? { ...s, valueString: '05D1234567' } : s,
          ),
        }
      : {}),
  };
  return { form, claim: agreed, resources };
}

test.each(forms)(
  'done 2 a generated %s claim passes the scrub, and so does its 837 the walk of its guide',
  (form) => {
    fc.assert(
      fc.property(generatedClaim(form), (generated) => {
        const one = agreeing(generated);
        const known = new Map(one.resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));
        const input = {
          claim: one.claim,
          known,
          on: one.claim.created,
          earlier: [],
          plan: { authorization: new Set<string>() },
        };
        const errors = scrub(rules, input).filter(({ severity }) => severity === 'error');
        expect(errors.map((i) => [codeOfIssue(i), i.expression?.[0], i.details?.text])).toEqual([]);
        expect(faultsOf(readTransactions(Buffer.from(written(one).text)))).toEqual([]);
      }),
      { numRuns: runs },
    );
  },
);

test('done 2 neighbour: what does not agree is found', () => {
  const [one] = fc.sample(generatedClaim('professional'), { numRuns: 1, seed: 5 }).map(agreeing);
  if (!one) throw new Error('no claim');
  const known = new Map(one.resources.map((r) => [`${r.resourceType}/${r.id ?? ''}`, r]));
  const claim = { ...one.claim, total: { value: 0.01, currency: 'USD' as const } };
  const input = { claim, known, on: claim.created, earlier: [], plan: { authorization: new Set<string>() } };
  expect(scrub(rules, input).map(codeOfIssue)).toContain('claim-total');
});
