/** A suite of the public test kits and what a tester types into it for the conformance practice. */
interface SuiteInputs {
  readonly suite: string;
  readonly inputs: readonly (readonly [name: string, value: string])[];
}

/** The patients of one claim type each: a suite that holds every explanation against every profile takes one at a time. */
export const patientOfType: Readonly<Record<string, string>> = {
  'inpatient institutional': 'cf-inpatient',
  'outpatient institutional': 'cf-outpatient',
  'professional and non-clinician': 'cf-professional',
  oral: 'cf-oral',
  pharmacy: 'cf-pharmacy',
};

const claimPatients = Object.values(patientOfType).join(',');

const suites = (base: string): readonly SuiteInputs[] => [
  {
    suite: 'CARIN IG for Blue Button (c4bb_v200), must support and searches',
    inputs: [
      ['FHIR Endpoint', base],
      ['Patient IDs', claimPatients],
    ],
  },
  ...Object.entries(patientOfType).map(([type, patient]) => ({
    suite: `CARIN IG for Blue Button (c4bb_v200), validation of ${type}`,
    inputs: [
      ['FHIR Endpoint', base],
      ['Patient IDs', patient],
    ] as const,
  })),
  {
    suite: 'US Core 3.1.1, 6.1.0, 7.0.0 (us_core_v311, us_core_v610, us_core_v700), group by group',
    inputs: [
      ['FHIR Endpoint', base],
      ['Patient IDs', 'cf-uscore,cf-uscore-deceased'],
    ],
  },
  {
    suite: 'Bulk Data 2.0.0 (bulk_data_v200)',
    inputs: [
      ['Bulk Data FHIR URL', base],
      ['Group ID', 'cf-group'],
    ],
  },
];

/** The tester's sheet: what a start with the conformance practice prints, and docs/conformance.md holds. */
export function testerSheet(base: string): string {
  const width = Math.max(...suites(base).flatMap(({ inputs }) => inputs.map(([name]) => name.length)));
  return suites(base)
    .map(({ suite, inputs }) =>
      [suite, ...inputs.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join('\n'),
    )
    .join('\n');
}
