import type { CapabilityStatementRestSecurity } from '@medplum/fhirtypes';
import { supportedScopes } from '../../access/scope.ts';

/** The issuer of ID tokens, and where the authorization server is: beside FHIR. */
export const issuerOf = (base: string): string => `${base.replace(/\/fhir$/, '')}/auth`;

/** What this server can. See https://hl7.org/fhir/smart-app-launch/conformance.html#capability-sets */
const abilities = [
  'launch-ehr',
  'launch-standalone',
  'authorize-post',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-banner',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'context-standalone-encounter',
  'permission-offline',
  'permission-online',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
] as const;

interface Endpoints {
  readonly authorize: string;
  readonly token: string;
  readonly introspect: string;
  readonly manage: string;
  readonly revoke: string;
  readonly register?: string;
}

function endpointsOf(base: string, registration: boolean): Endpoints {
  const issuer = issuerOf(base);
  return {
    authorize: `${issuer}/authorize`,
    token: `${issuer}/token`,
    introspect: `${issuer}/introspect`,
    manage: `${issuer}/apps`,
    revoke: `${issuer}/revoke`,
    ...(registration ? { register: `${issuer}/register` } : {}),
  };
}

/** GET [base]/.well-known/smart-configuration. See https://hl7.org/fhir/smart-app-launch/conformance.html */
export function smartConfiguration(base: string, registration: boolean): Readonly<Record<string, unknown>> {
  const { authorize, token, introspect, manage, revoke, register } = endpointsOf(base, registration);
  const issuer = issuerOf(base);
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: authorize,
    token_endpoint: token,
    introspection_endpoint: introspect,
    management_endpoint: manage,
    revocation_endpoint: revoke,
    ...(register === undefined ? {} : { registration_endpoint: register }),
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'none',
    ],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    scopes_supported: supportedScopes,
    capabilities: abilities,
  };
}

const oauthUris = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

/** How the CapabilityStatement says the same, for SMART App Launch 1. */
export function smartSecurity(base: string, registration: boolean): CapabilityStatementRestSecurity {
  const endpoints = Object.entries(endpointsOf(base, registration)) as [string, string][];
  return {
    extension: [{ url: oauthUris, extension: endpoints.map(([url, valueUri]) => ({ url, valueUri })) }],
    cors: true,
    service: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
            code: 'SMART-on-FHIR',
          },
        ],
        text: 'OAuth2 using SMART on FHIR (see https://hl7.org/fhir/smart-app-launch)',
      },
    ],
  };
}
