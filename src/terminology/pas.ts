import type { ClaimResponse } from '@medplum/fhirtypes';
import { system } from './system.ts';

const structure = (name: string): string => `http://hl7.org/fhir/us/davinci-pas/StructureDefinition/${name}`;

/** A profile of Da Vinci PAS. */
export const pasProfile = (name: string): string => structure(name);

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
  certified: structure('extension-itemCertificationIssueDate'),
  certifiedFrom: structure('extension-itemCertificationEffectiveDate'),
  certifiedUntil: structure('extension-itemCertificationExpirationDate'),
} as const;

/** Whether some service of a prior authorization is pended (X12 306, A4): the payer decides later. */
export const isPendedReview = ({ item = [], adjudication = [] }: ClaimResponse): boolean =>
  [...adjudication, ...item.flatMap((one) => one.adjudication)].some(({ extension: said = [] }) =>
    said.some(
      ({ url, extension: parts = [] }) =>
        url === pasExtension.reviewAction &&
        parts.some(
          (part) =>
            part.url === pasExtension.reviewActionCode &&
            part.valueCodeableConcept?.coding?.some(
              (coding) => coding.system === system.x12Action && coding.code === 'A4',
            ) === true,
        ),
    ),
  );
