/** What a role may let its holders do beyond reading and writing single resources. Operations name what they need. */
export const permissions = {
  capture: 'Capture charges of a visit, and price them',
  'answer-query': 'Answer what a coder asks about a chart',
  'check-eligibility': 'Ask payers whether a coverage is active, and look for coverage',
  'correct-coverage': 'Take over what a payer says otherwise of a Coverage',
  'draft-claim': 'Draft claims and scrub them',
  'edit-claim': 'Edit a draft claim',
  'scrub-rules': 'Write rules that claims are held against, test them, and switch them on and off',
  'submit-claim': 'Send a claim to its payer, and take what the payer answers',
  'post-remittance': 'Enter and post by hand what a payer pays and decides',
  'bill-patient': 'Issue an Invoice to a patient',
  'record-payment': 'Record what a patient paid, and apply a credit',
  'reverse-payment': 'Take back a payment that was posted',
  'write-off': 'Write off what is open of an Invoice, and take a write-off back',
  void: 'Cancel what was posted or sent: an Invoice, a claim, a remittance',
  refund: 'Pay money back',
  collect: 'Hold an Account back, agree plans, give discounts and assistance, and place with an agency',
  'business-date': 'Date a step other than today',
  'assign-work': 'Assign, date and snooze pieces of work, and work many denials at once',
  message: 'Mark messages of the office as read',
  approve: 'Complete what another person proposed above the limit of one',
  'break-glass': 'Open the chart of a patient for a stated reason, for a limited time',
  label: 'Change security labels of a resource',
  import: 'Import resources in lines',
  'load-opening': 'Take over what a former system had open',
  'load-contract': 'Load what payers have agreed to pay a practice',
  'close-period': 'Close months of the books, and open them again',
  merge: 'Merge two records of one patient, and undo it, by two people',
  report: 'Read the reports of a practice',
  operate: 'See how the server does, and its background work',
  administer: 'Change roles, and what else holds for all of the server',
} as const;
export type Permission = keyof typeof permissions;

export const isPermission = (code: string | undefined): code is Permission =>
  code !== undefined && Object.hasOwn(permissions, code);
