/** What to do about a denial, by CARC: the default workflow of billing rule 54, in our own words. */
const steps: readonly (readonly [step: string, carcs: readonly string[]])[] = [
  [
    'correct the claim and send it again',
    [
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
      '11',
      '12',
      '16',
      '125',
      '140',
      '146',
      '181',
      '182',
      '199',
      '206',
      '207',
      '208',
    ],
  ],
  ['check whether it was billed before', ['18']],
  ['update the order of payers', ['22']],
  ['check the member with the payer and look for other coverage', ['26', '27', '31', '32']],
  ['appeal with proof that it was filed in time', ['29']],
  ['obtain the authorisation afterwards, or appeal', ['39', '197', '198', '243']],
  ['appeal with the medical records', ['50', '55', '56', '150', '151', '152']],
  ['check for a notice of non-coverage, else write off', ['96', '204']],
  ['review modifiers and bundling', ['97', '231', '236', 'B10', 'B15']],
  ['bill the related service', ['107']],
  ['send it to the right payer', ['109']],
  ['check the benefit maximum', ['35', '119', '149']],
  ['send what the payer before decided', ['129', '136']],
  ['send the document', ['163', '226', '227', '252']],
  ['check the credentials of the provider', ['170', '171', '172', '183', '185', 'B7']],
];
const stepOf = new Map(steps.flatMap(([step, carcs]) => carcs.map((carc) => [carc, step] as const)));

/** One sentence for the worklist. */
export const nextStep = (carc: string): string =>
  stepOf.get(carc) ?? 'read the remarks of the payer and decide';
