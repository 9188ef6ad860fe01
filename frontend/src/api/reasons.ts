/** What may help after a refusal; nothing where only a person with access to the settings can help. */
export type Help =
  /** A new token of the same kind. */
  | 'sign-in'
  /** A sign-in that requests what the challenge names. */
  | 'request'
  /** The same request again. */
  | 'retry'
  /** Another person. */
  | 'switch-person';

/** A refusal in words. */
export interface Reason {
  title: string;
  remedy: string;
  /** The check of the API that failed; null where it had no token to check, or had checked it. */
  check: string | null;
  help?: Help;
}

const NEW_TOKEN = 'Sign in again to get a new token.';
const NEW_PROOF = 'Each request must carry a proof of its own. Send the request again.';
const CLIENT_FAULT =
  'This is a fault of the program that sent the request: an app that uses Okta’s SDK sends no such proof.';

const NOT_ASKED: Reason = {
  title: 'Okta does not say whether your token is active',
  remedy: 'This route asks Okta whether the token was revoked, and got no usable response.',
  check: 'active',
  help: 'retry',
};

const NOT_EXCHANGED: Reason = {
  title: 'Okta did not exchange your token',
  remedy:
    'Your token was accepted. This route needs one for another API, and Okta gave no usable response.',
  check: null,
  help: 'retry',
};

/** Every reason code of the API. */
export const REASONS: Record<string, Reason> = {
  no_credentials: {
    title: 'No token was sent',
    remedy: 'Send an access token in the Authorization header.',
    check: null,
    help: 'sign-in',
  },
  unsupported_scheme: {
    title: 'The API does not accept this scheme',
    remedy: 'Set DPOP=allowed for the API, or turn DPoP off for this app.',
    check: null,
  },
  malformed_header: {
    title: 'The Authorization header is malformed',
    remedy: 'Send one header of the form: Bearer, a space, the token.',
    check: null,
  },
  too_large: {
    title: 'The token is too large',
    remedy:
      'The API reads at most 16 KiB. Put fewer groups and claims into the access token in Okta.',
    check: null,
  },
  malformed: {
    title: 'This is not a JWT',
    remedy:
      'The API accepts signed JWTs only. Okta’s org authorization server issues opaque tokens: use a custom authorization server.',
    check: 'form',
    help: 'sign-in',
  },
  algorithm: {
    title: 'The algorithm is not RS256',
    remedy:
      'Okta signs access tokens with RS256. This token is from somewhere else, or was changed.',
    check: 'alg',
    help: 'sign-in',
  },
  key_id: {
    title: 'The token names no key',
    remedy:
      'Okta puts the key’s id into the header. This token is from somewhere else, or was changed.',
    check: 'kid',
    help: 'sign-in',
  },
  critical: {
    title: 'The token demands an extension',
    remedy: 'Its header has crit or b64, which Okta does not use. This token is not from Okta.',
    check: 'crit',
    help: 'sign-in',
  },
  type: {
    title: 'This is another kind of token',
    remedy: 'Send the access token: an ID token tells the app who signed in, and opens no API.',
    check: 'typ',
    help: 'sign-in',
  },
  issuer: {
    title: 'The API expects another issuer',
    remedy: 'OKTA_ISSUER of the API and the issuer of this app must be the same, to the letter.',
    check: 'iss',
  },
  audience: {
    title: 'The API expects another audience',
    remedy:
      'Send the access token, not the ID token. If it is the access token, the audience of the authorization server in Okta must be in OKTA_AUDIENCE of the API.',
    check: 'aud',
  },
  client: {
    title: 'The API expects another client',
    remedy: 'The client ID of this app must be in OKTA_CLIENT_ID of the API.',
    check: 'client',
  },
  subject: {
    title: 'The token has no subject',
    remedy: 'Okta puts the user or the client into sub. This token is from somewhere else.',
    check: 'sub',
    help: 'sign-in',
  },
  bound: {
    title: 'This token works only with its key',
    remedy:
      'It is bound to a key (DPoP), so nobody can use it as a bearer token, not even a thief. Send it with a proof.',
    check: 'cnf',
  },
  expiry: {
    title: 'The token has no expiry',
    remedy: 'Okta puts a number into exp. This token is from somewhere else.',
    check: 'exp',
    help: 'sign-in',
  },
  expired: {
    title: 'Your token has expired',
    remedy: NEW_TOKEN,
    check: 'exp',
    help: 'sign-in',
  },
  not_yet_valid: {
    title: 'The clocks differ',
    remedy:
      'The API received a token from the future. Set the clocks of the API and of Okta automatically, then try again.',
    check: 'iat',
    help: 'retry',
  },
  unknown_key: {
    title: 'The signing key is not known',
    remedy:
      'The issuer does not publish the key that this token names, because Okta withdrew it or because another server signed the token. ' +
      NEW_TOKEN,
    check: 'key',
    help: 'sign-in',
  },
  signature: {
    title: 'The signature is not valid',
    remedy: `The token was changed after Okta signed it. ${NEW_TOKEN}`,
    check: 'signature',
    help: 'sign-in',
  },
  claims: {
    title: 'The claims are not accepted',
    remedy: `A claim has a form that the API does not know. ${NEW_TOKEN}`,
    check: 'signature',
    help: 'sign-in',
  },
  inactive: {
    title: 'Your token was revoked',
    remedy: `Okta says that it is no longer active. ${NEW_TOKEN}`,
    check: 'active',
    help: 'sign-in',
  },
  user_revoked: {
    title: 'Your access was ended',
    remedy: 'An administrator signed you out everywhere. Sign in again if you still have access.',
    check: 'revoked',
    help: 'sign-in',
  },
  insufficient_scope: {
    title: 'A scope is missing',
    remedy:
      'Your token is valid, but this route requires a scope that it does not have. Sign in again to request it; Okta’s access policy decides.',
    check: 'scope',
    help: 'request',
  },
  forbidden: {
    title: 'This is not for you',
    remedy:
      'Your token is valid, but you lack what this route requires of a person, such as a group. Ask an administrator, or continue as someone else.',
    check: 'group',
    help: 'switch-person',
  },
  sign_in_too_weak: {
    title: 'A stronger sign-in is required',
    remedy: 'Your token is valid, but this route requires a second factor. Sign in again with one.',
    check: 'acr',
    help: 'request',
  },
  sign_in_too_old: {
    title: 'Your sign-in is too old',
    remedy:
      'Your token is valid, but this route requires a recent sign-in. Confirm that it is you.',
    check: 'auth_time',
    help: 'request',
  },
  keys_unavailable: {
    title: 'The API has no signing keys',
    remedy: 'It could not get them from Okta, so it can neither accept nor refuse your token.',
    check: 'key',
    help: 'retry',
  },
  introspection_not_configured: {
    title: 'The API cannot ask Okta about tokens',
    remedy:
      'This route asks Okta whether the token was revoked. Set INTROSPECTION_CLIENT_ID and INTROSPECTION_CLIENT_SECRET for the API.',
    check: 'active',
  },
  introspection_unreachable: NOT_ASKED,
  introspection_malformed: NOT_ASKED,
  introspection_failed: NOT_ASKED,
  introspection_rate_limited: NOT_ASKED,
  introspection_rejected: {
    title: 'Okta does not accept the API’s client',
    remedy:
      'This route asks Okta whether the token was revoked. Correct INTROSPECTION_CLIENT_ID and INTROSPECTION_CLIENT_SECRET of the API.',
    check: 'active',
  },
  token_exchange_unreachable: NOT_EXCHANGED,
  token_exchange_malformed: NOT_EXCHANGED,
  token_exchange_failed: NOT_EXCHANGED,
  token_exchange_rate_limited: NOT_EXCHANGED,
  token_exchange_rejected: {
    title: 'Okta does not exchange your token',
    remedy: 'Your token was accepted. Allow the API’s client to exchange tokens in Okta.',
    check: null,
  },
  not_started: {
    title: 'The API has not started completely',
    remedy: 'The middleware was not opened: run the application’s lifespan.',
    check: null,
  },
  replay_store_full: {
    title: 'The API cannot remember more proofs',
    remedy: 'Its replay store is full, so it can neither accept nor refuse your proof.',
    check: 'cnf',
    help: 'retry',
  },
  replay_store_unavailable: {
    title: 'The API cannot remember proofs',
    remedy: 'Its replay store is not available, so it can neither accept nor refuse your proof.',
    check: 'cnf',
    help: 'retry',
  },
  database_unavailable: {
    title: 'The database is not available',
    remedy: 'Your token was accepted, but the API cannot reach its data.',
    check: null,
    help: 'retry',
  },
  not_bound: {
    title: 'Your token is not bound to a key',
    remedy: `It was sent with a DPoP proof, but Okta issued it as a bearer token. ${NEW_TOKEN}`,
    check: 'cnf',
    help: 'sign-in',
  },
  other_key: {
    title: 'The proof is from another key',
    remedy: `Your token is bound to a key that this browser no longer has. ${NEW_TOKEN}`,
    check: 'cnf',
    help: 'sign-in',
  },
  dpop_required: {
    title: 'The API requires DPoP',
    remedy: 'Turn DPoP on for this app: dpop: true in config.js, or VITE_DPOP=true.',
    check: 'cnf',
  },
  use_dpop_nonce: {
    title: 'The API asks for a nonce',
    remedy: 'The proof lacked a fresh nonce of the API. The response carries one: try again.',
    check: 'cnf',
    help: 'retry',
  },
  proof_missing: {
    title: 'The proof is missing',
    remedy: NEW_PROOF,
    check: 'cnf',
    help: 'retry',
  },
  proof_repeated: {
    title: 'More than one proof was sent',
    remedy: 'Send exactly one DPoP header.',
    check: 'cnf',
  },
  proof_too_large: { title: 'The proof is too large', remedy: CLIENT_FAULT, check: 'cnf' },
  proof_malformed: { title: 'The proof is not a JWT', remedy: CLIENT_FAULT, check: 'cnf' },
  proof_type: { title: 'The proof has another type', remedy: CLIENT_FAULT, check: 'cnf' },
  proof_algorithm: {
    title: 'The proof’s algorithm is not accepted',
    remedy: CLIENT_FAULT,
    check: 'cnf',
  },
  proof_critical: { title: 'The proof demands an extension', remedy: CLIENT_FAULT, check: 'cnf' },
  proof_key: { title: 'The proof has no usable key', remedy: CLIENT_FAULT, check: 'cnf' },
  proof_signature: {
    title: 'The proof’s signature is not valid',
    remedy: CLIENT_FAULT,
    check: 'cnf',
  },
  proof_method: {
    title: 'The proof is for another method',
    remedy: NEW_PROOF,
    check: 'cnf',
    help: 'retry',
  },
  proof_url: {
    title: 'The API has another URL',
    remedy:
      'The proof names the URL that this app calls. RESOURCE_URL of the API must be that URL.',
    check: 'cnf',
  },
  proof_token: {
    title: 'The proof is for another token',
    remedy: NEW_PROOF,
    check: 'cnf',
    help: 'retry',
  },
  proof_time: { title: 'The proof has no time', remedy: CLIENT_FAULT, check: 'cnf' },
  proof_expired: {
    title: 'The clocks differ',
    remedy:
      'A proof is valid for a minute, and this one is older by the clock of the API. Set the clocks of this device and of the API automatically.',
    check: 'cnf',
  },
  proof_not_yet_valid: {
    title: 'The clocks differ',
    remedy:
      'The proof is from the future by the clock of the API. Set the clocks of this device and of the API automatically.',
    check: 'cnf',
  },
  proof_id: { title: 'The proof has no usable id', remedy: CLIENT_FAULT, check: 'cnf' },
  proof_replayed: {
    title: 'The proof was used before',
    remedy: NEW_PROOF,
    check: 'cnf',
    help: 'retry',
  },
  user_required: {
    title: 'This needs a person',
    remedy: 'The token is that of a service, which has no data of its own. Sign in as a person.',
    check: null,
    help: 'sign-in',
  },
  not_owner: {
    title: 'Only its owner can delete a report',
    remedy: 'Ask the person who submitted it.',
    check: null,
  },
  request_running: {
    title: 'The same request is still running',
    remedy:
      'The first request with this Idempotency-Key has no response yet. Wait for it, then try again.',
    check: null,
    help: 'retry',
  },
  own_report: {
    title: 'Nobody approves their own report',
    remedy: 'Ask another administrator to approve it.',
    check: null,
  },
  already_approved: {
    title: 'This report is approved already',
    remedy: 'An approved report can be neither approved again nor deleted.',
    check: null,
  },
};
