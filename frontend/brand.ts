/** What the app is called and what its first screen says: yours to change. */
export const BRAND = {
  name: 'FastAPI with Okta',
  headline: 'See why your API says no.',
  lead: 'Sign in with Okta, call FastAPI, and watch each check of your access token: what the API expected, what it got, and which rule says so.',
};
