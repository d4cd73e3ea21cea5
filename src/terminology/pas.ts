const structure = (name: string): string => `http://hl7.org/fhir/us/davinci-pas/StructureDefinition/${name}`;

/** Extensions of Da Vinci PAS that prior authorizations carry. See https://hl7.org/fhir/us/davinci-pas/ */
export const pasExtension = {
  reviewAction: structure('extension-reviewAction'),
  reviewActionCode: structure('extension-reviewActionCode'),
  requestType: structure('extension-serviceItemRequestType'),
  certificationType: structure('extension-certificationType'),
  traceNumber: structure('extension-itemTraceNumber'),
  issueDate: structure('extension-itemPreAuthIssueDate'),
  period: structure('extension-itemPreAuthPeriod'),
  administrationReference: structure('extension-administrationReferenceNumber'),
  previousAuthorization: structure('extension-authorizationNumber'),
  authorizedDetail: structure('extension-itemAuthorizedDetail'),
  followUp: structure('extension-errorFollowupAction'),
} as const;
