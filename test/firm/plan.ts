import type { InsurancePlan } from '@medplum/fhirtypes';
import { coded, hcpcs, rule } from './visit.ts';

type Covered = NonNullable<InsurancePlan['coverage']>[number];

/** A plan of Juniper with fees by code, nothing left to the member, and rules as given. */
export const plan = (
  id: string,
  fees: Readonly<Record<string, number>>,
  rules: readonly Covered[] = [],
  more: { readonly percentOfCharge?: number; readonly owner?: string } = {},
): InsurancePlan & { id: string } => ({
  resourceType: 'InsurancePlan',
  id,
  status: 'active',
  identifier: [{ system: 'https://claimwright.example/fhir/sid/plan-id', value: id }],
  ownedBy: { reference: more.owner ?? 'Organization/juniper-ridge' },
  ...(rules.length > 0 ? { coverage: [...rules] } : {}),
  plan: [
    {
      specificCost: [
        {
          category: rule('fee-schedule'),
          benefit: [
            ...Object.entries(fees).map(([code, value]) => ({
              type: coded(hcpcs, code),
              cost: [{ type: rule('fee'), value: { value, system: 'urn:iso:std:iso:4217', code: 'USD' } }],
            })),
            {
              type: rule('any'),
              cost: [
                {
                  type: rule('percent-of-charge'),
                  value: {
                    value: more.percentOfCharge ?? 100,
                    system: 'http://unitsofmeasure.org',
                    code: '%',
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  ],
});

/** A rule of a plan: what it is about, and a value that goes with it. */
export const covered = (
  type: string,
  benefits: readonly { readonly type: Covered['type']; readonly value?: number; readonly unit?: string }[],
): Covered => ({
  type: rule(type),
  benefit: benefits.map((b) => ({
    type: b.type,
    ...(b.value === undefined
      ? {}
      : {
          limit: [
            {
              value: {
                value: b.value,
                ...(b.unit === undefined
                  ? {}
                  : { system: 'http://unitsofmeasure.org', code: b.unit, unit: b.unit }),
              },
            },
          ],
        }),
  })),
});
