/**
 * Claim adjustment reason codes that this server names, with short labels in our own words. The list and its texts are
 * X12's and are not shipped. CAS02, Claim response adjudication.reason.
 */
const labels: Readonly<Record<string, string>> = {
  '1': 'Deductible',
  '2': 'Coinsurance',
  '3': 'Copay',
  '4': 'Modifier does not fit the service',
  '5': 'Place of service does not fit the service',
  '6': 'Age does not fit the service',
  '7': 'Sex does not fit the service',
  '8': 'Provider type does not fit the service',
  '9': 'Age does not fit the diagnosis',
  '10': 'Sex does not fit the diagnosis',
  '11': 'Diagnosis does not fit the service',
  '13': 'Service after the date of death',
  '14': 'Service before the date of birth',
  '16': 'Claim or service lacks something needed, or it is wrong',
  '18': 'Exact duplicate',
  '19': "Workers' compensation pays",
  '20': 'Liability insurance pays',
  '22': 'Another payer comes first',
  '23': 'What payers before have done',
  '26': 'Before coverage began',
  '27': 'After coverage ended',
  '29': 'Filed too late',
  '31': 'Patient is not identified as insured',
  '45': 'Above the agreed or allowed fee',
  '96': 'Not covered',
  '97': 'Included in another service',
  '54': 'Several physicians or assistants are not covered',
  '60': 'Outpatient service near an inpatient stay',
  '107': 'The service it belongs to is missing',
  '109': 'Not this payer',
  '125': 'Submission or billing error',
  '129': 'Statement of the prior payer is wrong',
  '140': 'Patient number and name do not agree',
  '146': 'Diagnosis is invalid for the date',
  '151': 'Number or frequency of services is not supported',
  '181': 'Procedure code is invalid for the date',
  '182': 'Modifier is invalid for the date',
  '197': 'Authorisation is missing',
  '199': 'Revenue code and procedure code do not fit',
  '204': 'Not covered by the plan of the patient',
  '206': 'NPI is missing',
  '207': 'NPI has the wrong form',
  '208': 'NPI is not matched',
  '222': 'More than the agreed number of units',
  '236': 'This pair of services is not paid together',
  '252': 'A document is needed',
  '253': 'Sequestration',
  B7: 'Provider is not certified for the service on the day',
  B15: 'A qualifying service is missing',
};

/** Our label of a reason; undefined for one that we never name. */
export const reasonLabel = (carc: string): string | undefined => labels[carc];

/** CARCs whose CO and PI amounts are written off by contract; every other CO or PI amount is a denial. */
export const contractualReasons: ReadonlySet<string> = new Set(['45', '59', '94', '253']);
