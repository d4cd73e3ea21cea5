/** The canonical URIs of code systems and identifiers, each spelled once. */

const own = 'https://claimwright.example/fhir';

/** What every canonical of ours starts with. */
export const ownBase = `${own}/`;

/** Canonicals and systems of our own. See docs/model.md */
const ownStructure = (name: string): string => `${own}/StructureDefinition/${name}`;
const ownCodeSystem = (name: string): string => `${own}/CodeSystem/${name}`;
/** The canonical of a report. */
export const ownMeasure = (id: string): string => `${own}/Measure/${id}`;
export const ownIdentifier = (name: string): string => `${own}/sid/${name}`;

export const system = {
  cpt: 'http://www.ama-assn.org/go/cpt',
  hcpcs: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  cdt: 'http://www.ada.org/cdt', // dental procedures: numbers only, the words are the ADA's
  hcpcsHttp: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', // PAS and Medplum spell it so: accepted
  icd10cm: 'http://hl7.org/fhir/sid/icd-10-cm',
  icd10: 'http://hl7.org/fhir/sid/icd-10', // Medplum's claims say so: accepted
  icd10pcs: 'http://www.cms.gov/Medicare/Coding/ICD10',
  snomed: 'http://snomed.info/sct',
  cvx: 'http://hl7.org/fhir/sid/cvx',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  loinc: 'http://loinc.org',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  ucum: 'http://unitsofmeasure.org',
  currency: 'urn:iso:std:iso:4217',
  placeOfService: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set',
  placeOfServiceShort: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes', // Medplum: accepted
  revenueCode: 'https://www.nubc.org/CodeSystem/RevenueCodes',
  typeOfBill: 'https://www.nubc.org/CodeSystem/TypeOfBill',
  pointOfOrigin: 'https://www.nubc.org/CodeSystem/PointOfOrigin',
  pointOfOriginNewborn: 'https://www.nubc.org/CodeSystem/PointOfOriginNewborn',
  admissionType: 'https://www.nubc.org/CodeSystem/PriorityTypeOfAdmitOrVisit',
  dischargeStatus: 'https://www.nubc.org/CodeSystem/PatDischargeStatus',
  conditionCode: 'https://www.nubc.org/CodeSystem/ConditionCodes',
  occurrenceCode: 'https://www.nubc.org/CodeSystem/OccurrenceCodes',
  valueCode: 'https://www.nubc.org/CodeSystem/ValueCodes',
  delayReason: 'https://x12.org/codes/delay-reason-codes',
  // Code lists of X12 data elements, named by their number, where FHIR has none of its own.
  x12FilingIndicator: 'https://codesystem.x12.org/005010/1032', // SBR09: Coverage.type
  x12InsuranceType: 'https://codesystem.x12.org/005010/1336', // SBR05: why Medicare pays second
  x12Relationship: 'https://codesystem.x12.org/005010/1069', // SBR02, PAT01
  x12Reference: 'https://codesystem.x12.org/005010/128', // REF01
  x12NoteType: 'https://codesystem.x12.org/005010/363', // NTE01
  x12ReportType: 'https://codesystem.x12.org/005010/755', // PWK01
  x12CodeCategory: 'https://codesystem.x12.org/005010/1136', // CRC01
  x12ConditionIndicator: 'https://codesystem.x12.org/005010/1321', // CRC03 to CRC07
  x12RelatedCause: 'https://codesystem.x12.org/005010/1362', // CLM11
  x12OralCavity: 'https://codesystem.x12.org/005010/1361', // SV304
  benefitType: 'http://terminology.hl7.org/CodeSystem/benefit-type',
  benefitNetwork: 'http://terminology.hl7.org/CodeSystem/benefit-network',
  benefitUnit: 'http://terminology.hl7.org/CodeSystem/benefit-unit',
  benefitTerm: 'http://terminology.hl7.org/CodeSystem/benefit-term',
  x12Eligibility: 'https://codesystem.x12.org/005010/1390', // EB01
  x12CoverageLevel: 'https://codesystem.x12.org/005010/1207', // EB02
  x12ServiceType: 'https://codesystem.x12.org/005010/1365', // EB03, EQ01, UM03
  x12TimePeriod: 'https://codesystem.x12.org/005010/615', // EB06
  x12RejectReason: 'https://codesystem.x12.org/005010/901', // AAA03
  x12FollowUp: 'https://codesystem.x12.org/005010/889', // AAA04
  x12Action: 'https://codesystem.x12.org/005010/306', // HCR01
  x12RequestCategory: 'https://codesystem.x12.org/005010/1525', // UM01
  x12CertificationType: 'https://codesystem.x12.org/005010/1322', // UM02
  x12DecisionReason: 'https://codesystem.x12.org/external/886', // HCR03
  ambulanceReason: 'https://x12.org/codesystem.x12.org/ambulance-transport-reason-codes', // CR104
  presentOnAdmission: 'https://www.nubc.org/CodeSystem/PresentOnAdmissionIndicator',
  msDrg:
    'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software',
  carc: 'https://x12.org/codes/claim-adjustment-reason-codes',
  rarc: 'https://x12.org/codes/remittance-advice-remark-codes',
  adjustmentGroup: 'https://x12.org/codes/claim-adjustment-group-codes',
  npi: 'http://hl7.org/fhir/sid/us-npi',
  consentPolicy: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes',
  taxId: 'urn:oid:2.16.840.1.113883.4.4',
  ein: 'http://hl7.org/fhir/sid/us-ein', // accepted beside taxId
  taxonomy: 'http://nucc.org/provider-taxonomy',
  payerId: 'https://www.cms.gov/payer-id',
  identifierType: 'http://terminology.hl7.org/CodeSystem/v2-0203',
  roleCode: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode',
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  actReason: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  dicom: 'http://dicom.nema.org/resources/ontology/DCM',
  auditEventType: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  restfulInteraction: 'http://hl7.org/fhir/restful-interaction',
  auditEntityType: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  objectRole: 'http://terminology.hl7.org/CodeSystem/object-role',
  securitySourceType: 'http://terminology.hl7.org/CodeSystem/security-source-type',
  participationMode: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', // Communication.medium
  participationType: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  dataOperation: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
  provenanceParticipant: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  admitSource: 'http://terminology.hl7.org/CodeSystem/admit-source',
  actPriority: 'http://terminology.hl7.org/CodeSystem/v3-ActPriority',
  claimType: 'http://terminology.hl7.org/CodeSystem/claim-type',
  claimCareTeamRole: 'http://terminology.hl7.org/CodeSystem/claimcareteamrole',
  paymentType: 'http://terminology.hl7.org/CodeSystem/ex-paymenttype',
  remittanceType: 'http://terminology.hl7.org/CodeSystem/payment-type', // PaymentReconciliation.detail.type
  processPriority: 'http://terminology.hl7.org/CodeSystem/processpriority',
  payeeType: 'http://terminology.hl7.org/CodeSystem/payeetype',
  diagnosisType: 'http://terminology.hl7.org/CodeSystem/ex-diagnosistype',
  adjudication: 'http://terminology.hl7.org/CodeSystem/adjudication',
  coverageClass: 'http://terminology.hl7.org/CodeSystem/coverage-class',
  subscriberRelationship: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship',
  relatedClaim: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship',
  dataAbsentReason: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
  c4bbAdjudication: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication',
  c4bbDiscriminator: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudicationDiscriminator',
  c4bbStatus: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBPayerAdjudicationStatus',
  c4bbSupportingInfo: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType',
  c4bbRelatedClaim: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBRelatedClaimRelationshipCodes',
  c4bbIdentifierType: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType',
  c4bbDiagnosisType: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimDiagnosisType',
  c4bbCareTeamRole: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole',
  c4bbInstitutionalSubType: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBInstitutionalClaimSubType',
  c4bbCompound: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBCompoundLiteral',
  toothSurface: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSurfaceCodes',
  tooth: 'http://terminology.hl7.org/CodeSystem/ADAUniversalToothDesignationSystem',
  oralArea: 'http://terminology.hl7.org/CodeSystem/ADAAreaOralCavitySystem',
  dispenseCategory: 'http://terminology.hl7.org/CodeSystem/medicationdispense-category',
  dawCode: 'http://terminology.hl7.org/CodeSystem/NCPDPDispensedAsWrittenOrProductSelectionCode',
  brandGeneric: 'http://terminology.hl7.org/CodeSystem/NCPDPBrandGenericIndicator',
  prescriptionOrigin: 'http://terminology.hl7.org/CodeSystem/NCPDPPrescriptionOriginCode',
  compoundCode: 'http://terminology.hl7.org/CodeSystem/NCPDPCompoundCode',
  rejectCode: 'http://terminology.hl7.org/CodeSystem/NCPDPRejectCode',
  c4bbProcedureType: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimProcedureType',

  chargeMaster: ownCodeSystem('charge-master'), // own codes of a charge master without HCPCS: RB0120
  task: ownCodeSystem('task'),
  denialOutcome: ownCodeSystem('denial-outcome'), // Task.businessStatus of a denial: what came of it
  appealState: ownCodeSystem('appeal-state'), // Task.businessStatus of an appeal
  appealRoute: ownCodeSystem('appeal-route'),
  claimState: ownCodeSystem('claim-state'), // Task.businessStatus of a submission: where its claim stands
  supportingInfo: ownCodeSystem('supporting-info'),
  careTeamRole: ownCodeSystem('care-team-role'), // roles that no other code system has: ordering, supervising, …
  accident: ownCodeSystem('accident'),
  serviceIndicator: ownCodeSystem('service-indicator'), // Claim.item.programCode: emergency, epsdt, …
  benefitRule: ownCodeSystem('benefit-rule'),
  paymentMethod: ownCodeSystem('payment-method'),
  paymentStatus: 'http://terminology.hl7.org/CodeSystem/paymentstatus',
  invoiceComponent: ownCodeSystem('invoice-component'), // charge, patient-payment, write-off, deductible, …
  billDocument: ownCodeSystem('bill-document'), // DocumentReference.type: statement, receipt, itemized-bill, superbill
  message: ownCodeSystem('message'), // DocumentReference.type: statement, receipt, itemized-bill, superbill
  reportFigure: ownCodeSystem('report-figure'), // figures of a report
  reportDimension: ownCodeSystem('report-dimension'), // by what they are divided
  basic: ownCodeSystem('basic'),
  notice: ownCodeSystem('notice'), // Consent.category: what a patient was told before a service
  contract: ownCodeSystem('contract'), // Contract.type: payment-plan
  auditEvent: ownCodeSystem('audit-event'), // what the authorization server did: token-issued, consent, …
  accountType: ownCodeSystem('account-type'),
  gateway: ownCodeSystem('gateway'), // Endpoint.connectionType of a payer: how its claims reach it
  transaction: ownCodeSystem('transaction'), // OrganizationAffiliation.code of a route: 837P, 835, …
  submissionEvent: ownCodeSystem('submission-event'), // Task.output of a submission: what came of it on its way
  answerSource: ownCodeSystem('answer-source'), // meta.tag of what no payer of this world decided

  chargeSource: ownIdentifier('charge-source'),
  patientControlNumber: ownIdentifier('patient-control-number'),
  clearinghouseClaim: ownIdentifier('clearinghouse-claim'), // Claim.identifier: 837 REF*D9
  attachmentControlNumber: ownIdentifier('attachment-control-number'), // 837 PWK06
  scrubRule: ownIdentifier('scrub-rule'), // the name of a rule that a practice keeps as data, in an outcome
  denialPattern: ownIdentifier('denial-pattern'), // Task: practice/payer/CARC/service, by which history is counted
  payerClaimControlNumber: ownIdentifier('payer-claim-control-number'),
  trace: ownIdentifier('trace'), // of a question to a payer (TRN02): CoverageEligibilityRequest and Claim.identifier
  invoiceNumber: ownIdentifier('invoice-number'),
  documentNumber: ownIdentifier('document-number'), // DocumentReference: a statement, a receipt
  formerReference: ownIdentifier('former-reference'), // Invoice: its number in the former system
  formerSystem: ownIdentifier('former-system'), // Basic of an opening: what the former system is called
  paymentReference: ownIdentifier('payment-reference'),
  remittanceNumber: ownIdentifier('remittance-number'),
  bankLine: ownIdentifier('bank-line'), // a line of a bank statement, by its content
  paymentTrace: ownIdentifier('payment-trace'), // TRN02 of an 835: the number of the check or transfer
  planId: ownIdentifier('plan-id'), // InsurancePlan.identifier; its value is what Coverage.class names
  memberId: ownIdentifier('member-id'), // Basic.identifier of an enrolment
  clientId: ownIdentifier('client-id'), // an app of the authorization server: AuditEvent.agent
  accountName: ownIdentifier('account-name'), // who signs in: Task.requester of a step that waits for a second person
  accountNumber: ownIdentifier('account-number'),
} as const;

/** Extensions of our own and those of others that the road reads. See docs/model.md */
export const extension = {
  modifier: ownStructure('chargeitem-modifier'),
  chargeItem: ownStructure('charge-item'),
  revenueCode: ownStructure('revenue-code'),
  unitPrice: ownStructure('unit-price'),
  billingUnit: ownStructure('billing-unit'),
  bilateralCharge: ownStructure('bilateral-charge'), // ChargeItemDefinition: the charge for both sides
  drugQuantity: ownStructure('drug-quantity'), // ChargeItem: how much of the drug in `product`
  serviceQuantity: ownStructure('service-quantity'),
  dispensingFee: ownStructure('dispensing-fee'), // ChargeItemDefinition, ChargeItem: once per fill
  dispenseAsWritten: ownStructure('dispense-as-written'), // MedicationDispense: product selection (NCPDP 408-D8)
  fillNumber: ownStructure('fill-number'), // MedicationDispense: 0 is the first fill (NCPDP 403-D3)
  brandGeneric: ownStructure('brand-generic'), // Medication, MedicationDispense
  prescriptionOrigin: ownStructure('prescription-origin'), // MedicationRequest: how it came (NCPDP 419-DJ)
  prosthesis: ownStructure('prosthesis'), // Procedure: first placement or replacement, and when the former was placed
  orthodontics: ownStructure('orthodontics'), // Procedure: months of treatment, and when the appliance was placed
  accident: ownStructure('accident'),
  presentOnAdmission: ownStructure('present-on-admission'),
  drg: ownStructure('drg'),
  noticeOfCoverage: ownStructure('notice-of-coverage'), // Coverage: the day it became known, after the service
  preAuthRef: ownStructure('pre-auth-ref'),
  providerSignature: ownStructure('provider-signature'),
  assignmentOfBenefits: ownStructure('assignment-of-benefits'),
  acceptAssignment: ownStructure('accept-assignment'),
  releaseOfInformation: ownStructure('release-of-information'),
  claimPart: ownStructure('claim-part'),
  claimEdit: ownStructure('claim-edit'), // Basic: what a biller said besides the chart
  editedClaim: ownStructure('edited-claim'), // Basic → the draft it was said of last
  claimHold: ownStructure('claim-hold'), // Claim: its biller holds it back
  lineControlNumber: ownStructure('line-control-number'), // Claim.item: 837 REF*6R where it is another than the usual
  attachmentTransmission: ownStructure('attachment-transmission'), // Claim.supportingInfo: 837 PWK02
  x12Problem: ownStructure('x12-problem'), // Meta of a Binary: what the 837 has no place for
  correctionReason: ownStructure('correction-reason'), // Claim: why it replaces or takes back another one
  resubmissionOf: ownStructure('resubmission-of'), // Claim: which rejected claim goes again, and when that was received
  correctionRule: ownStructure('correction-rule'), // Organization or OrganizationAffiliation: how a payer takes corrections
  readBy: ownStructure('read-by'), // Communication: who has read a message, and when
  escalated: ownStructure('escalated'), // Task: the day on which it went to whom the practice names for it
  snoozedUntil: ownStructure('snoozed-until'), // Task: it is left out of lists until that day
  appealTemplate: ownStructure('appeal-template'), // Organization: what its letters of appeal say
  appealRule: ownStructure('appeal-rule'), // Organization or OrganizationAffiliation: how a payer takes appeals
  usualAnswerDays: ownStructure('usual-answer-days'), // Organization: the days in which a payer usually answers
  accessRole: ownStructure('access-role'), // Basic: what a role may see and do
  account: ownStructure('account'),
  scrubWarning: ownStructure('scrub-warning'),
  explanation: ownStructure('explanation'), // Invoice and its lines → the EOB they are from
  claimItem: ownStructure('claim-item'), // Invoice line → Claim.item.sequence
  reverses: ownStructure('reverses'), // ExplanationOfBenefit, ClaimResponse → the one that it takes back
  answerKind: ownStructure('answer-kind'), // ClaimResponse: reversal, duplicate or forwarded; none: it decides
  allocatedAdjustment: ownStructure('allocated-adjustment'), // ClaimResponse line: divided from the whole claim
  remittance: ownStructure('remittance'), // ClaimResponse, EOB → the PaymentReconciliation it came with
  interchange: ownStructure('interchange'), // PaymentReconciliation → the Binary it came with
  bankLine: ownStructure('bank-line'), // Basic: money that came into the bank
  bankMatch: ownStructure('bank-match'), // Basic: the payment or batch that a line is the money of
  depositBatch: ownStructure('deposit-batch'), // Basic: what was taken to the bank together
  remittedAmount: ownStructure('remitted-amount'), // PaymentReconciliation: BPR02, where the bank confirms another
  postingState: ownStructure('posting-state'), // PaymentReconciliation and its details: posted, held or waiting
  sha256: ownStructure('sha-256'), // Binary.meta: of the bytes of an interchange
  x12Position: ownStructure('x12-position'), // the segment an element comes from
  otherPayer: ownStructure('other-payer'), // CoverageEligibilityResponse item: who else pays, as this payer says
  eligibilityResult: ownStructure('eligibility-result'), // CoverageEligibilityResponse: active, inactive or not answered
  coverageDiscovery: ownStructure('coverage-discovery'), // Endpoint, OrganizationAffiliation: coverage may be looked for
  x12Segment: ownStructure('x12-segment'), // a segment that FHIR has no place for, as it came
  crossedOver: ownStructure('crossed-over'), // Claim: its payer got it from the payer before; sent by us from that day on
  replacedBy: ownStructure('replaced-by'), // a cancelled Invoice → its successor
  paymentMethod: ownStructure('payment-method'), // PaymentNotice: how it was paid
  encounter: ownStructure('encounter'), // PaymentNotice: the visit it is kept for
  estimate: ownStructure('estimate'), // PaymentNotice: the estimate it was taken against
  payer: ownStructure('payer'), // PaymentNotice: whose money it was
  allocation: ownStructure('allocation'), // PaymentNotice: what of it is meant for which Invoice
  statementSettings: ownStructure('statement-settings'), // Organization: when it sends statements, and what they say
  automation: ownStructure('automation'), // Organization: what it has done by itself
  followUpSettings: ownStructure('follow-up-settings'), // Organization: how long it lets work lie, and who is told then
  statementCycle: ownStructure('statement-cycle'), // Account: how far its statements are
  statementFigures: ownStructure('statement-figures'), // DocumentReference: the figures of what was sent
  statementLine: ownStructure('statement-line'), // DocumentReference: a line of what was sent
  largePrint: ownStructure('large-print'), // Patient: letters in large print
  languageNotice: ownStructure('language-notice'), // Organization: that help with a language is free
  billingHold: ownStructure('billing-hold'), // Account: why and when it is held back
  collection: ownStructure('collection'), // Organization: how it collects
  paymentPlan: ownStructure('payment-plan'), // Contract: the Invoices of a plan, and how it is paid
  agencyPlacement: ownStructure('agency-placement'), // Account: what an agency collects
  throughAgency: ownStructure('through-agency'), // PaymentNotice: what the agency got and kept
  financialAssistance: ownStructure('financial-assistance'), // Basic: an application
  incomeTable: ownStructure('income-table'), // Basic: poverty line and what is given up
  scrubRule: ownStructure('scrub-rule'), // Basic: a rule that claims are held against
  scrubRuleTest: ownStructure('scrub-rule-test'), // Basic: what a rule would have done with past claims
  promptPay: ownStructure('prompt-pay'), // Basic: in how many days a payer has to pay, and at what interest
  claimInterest: ownStructure('claim-interest'), // ClaimResponse: interest that the payer says it paid with it
  collectionLaw: ownStructure('collection-law'), // Basic: what a state asks of who collects
  broughtForward: ownStructure('brought-forward'), // Claim, Invoice, PaymentNotice: a former system had it open
  formerAnswer: ownStructure('former-answer'), // Claim: what its payer had decided in the former system
  periodState: ownStructure('period-state'), // MeasureReport: whether its period is closed
  closedThrough: ownStructure('closed-through'), // MeasureReport: the last closed day of a period that is so in part
  reportEntries: ownStructure('report-entries'), // MeasureReport: what opens a figure to its journal entries
  reportAmount: ownStructure('report-amount'), // MeasureReport: money of a population
  closing: ownStructure('closing'), // Basic: which months of a practice are closed, step by step
  opening: ownStructure('opening'), // Basic: what a practice takes over from a former system
  returnedPayment: ownStructure('returned-payment'), // Invoice → the receipt whose refunded money was returned
  writeOffReason: ownStructure('write-off-reason'), // Organization: a reason of its own and its ledger account
  ageOfMajority: ownStructure('age-of-majority'), // Organization: until when parents act for their children
  qmb: ownStructure('qmb'), // Patient or Coverage: a Qualified Medicare Beneficiary, with period and source
  reversalReason: ownStructure('reversal-reason'), // a cancelled PaymentNotice: why
  tradingPartner: ownStructure('trading-partner'), // Endpoint: ids, limits and folders of an X12 partner
  payerServer: ownStructure('payer-server'), // Endpoint: how a payer's FHIR server is signed in to and asked
  submissionHop: ownStructure('submission-hop'), // Task.output: what was said of a claim on its way, and by whom
  enrolledPlan: ownStructure('enrolled-plan'),
  enrolledPeriod: ownStructure('enrolled-period'),
  accumulator: ownStructure('accumulator'),
  timeZone: 'http://hl7.org/fhir/StructureDefinition/timezone',
} as const;

/** A modifier under our URL, and under the one that others, and this server before, write; HL7 defines none such. */
export const modifierUrls: readonly string[] = [
  extension.modifier,
  'http://hl7.org/fhir/StructureDefinition/chargeitem-modifier',
];

/** Where a Task says what became of a claim on its way. */
export const hopTerms = { hop: extension.submissionHop, event: system.submissionEvent } as const;
